/** What a job says: with the config's defaults where it says nothing, and in which fields two of them differ. */
export { changesBetween } from "./changes.ts";
export { namesFromDefaults, saidBy, withDefaults } from "./defaults.ts";
