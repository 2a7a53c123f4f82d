/** Reads the files of other systems as candidates for jobs. */
export { readCandidates } from "./read.ts";
