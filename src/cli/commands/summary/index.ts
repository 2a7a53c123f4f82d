/** Everything that is scheduled here on one screen. */
export { addSummary, printSummary } from "./summary.ts";
