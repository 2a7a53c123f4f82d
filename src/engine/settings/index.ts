/** What of the settings can be used here, and what cannot. */
export { usableDefaults } from "./defaults.ts";
export { usableConfig } from "./usable.ts";
