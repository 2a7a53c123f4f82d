/** How runs went, and what is different between two. */
export { compare } from "./compare.ts";
export { stats } from "./stats.ts";
