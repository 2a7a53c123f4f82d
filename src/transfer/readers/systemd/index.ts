/** Reads systemd timers and their services. */
export { SYSTEMD_KEYS } from "./keys.ts";
export { readSystemd } from "./timer.ts";
