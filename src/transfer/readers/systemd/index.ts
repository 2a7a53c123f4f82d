/** Reads systemd timers and their services. */
export { readSystemd } from "./timer.ts";
