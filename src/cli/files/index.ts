/** Files that a command line names: read as jobs, or written. */
export { makeBundle } from "./bundle.ts";
export { unitsIn } from "./units.ts";
