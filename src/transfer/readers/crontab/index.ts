/** Reads crontabs, a user's and the system's. */
export { readCrontab, readSystemCrontab } from "./crontab.ts";
export { CRONTAB_KEYS } from "./keys.ts";
