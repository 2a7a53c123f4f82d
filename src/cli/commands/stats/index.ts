/** How runs went, and what is different between two. */
export { addCompare } from "./compare.ts";
export { addStats } from "./stats.ts";
