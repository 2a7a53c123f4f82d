/** How runs went, and what is different between two. */
export { addStats } from "./stats.ts";
