/** Reads what a command line names as files of jobs. */
export { unitsIn } from "./units.ts";
