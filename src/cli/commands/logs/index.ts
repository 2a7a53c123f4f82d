/** The log of a run: read from its end or beginning, followed, printed safely. */
export { addLogs } from "./logs.ts";
