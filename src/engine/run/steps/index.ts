/** What an attempt leaves beside its output: what its job keeps, and how what it looks after is. */
export { completes, type Judged, judgeCondition } from "./condition.ts";
export { keepState, stateFor } from "./state.ts";
