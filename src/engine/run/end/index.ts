/** The end of a run: its one final status, and all that follows from it in the same transaction. */
export { createRunEnds, type Finished, type RunEnds } from "./end-run.ts";
export { createFollowUps } from "./follow-up.ts";
export { captured, createPublisher, decideWords, textsOf } from "./publish.ts";
export { createSettler, type Settler } from "./settle.ts";
