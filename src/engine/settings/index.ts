/** What of the settings can be used here, and what cannot. */
export { usableConfig } from "./usable.ts";
