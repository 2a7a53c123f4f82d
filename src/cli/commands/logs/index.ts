/** The log of a run: read from its end or beginning, followed, printed safely. */
export { logs } from "./logs.ts";
