/** What jobs keep between their runs. */
export { createStateStore } from "./store.ts";
