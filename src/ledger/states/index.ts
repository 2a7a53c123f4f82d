/** What jobs keep between their runs. */
export { createStateStore } from "./store.ts";
export type { StateStore, StateVersion } from "./types.ts";
