/** How far a command says it is: in a file of its own, or in lines of its output. */
export { createProgressFiles, type ProgressFiles } from "./file.ts";
export { type ProgressWatch, watchProgress } from "./watch.ts";
