/** What a message says, to whom, and how it is signed. */
export { answerTo, replaceWaiting } from "./answer.ts";
export { ANSWERS_WITHIN_SECONDS, composeMessage } from "./compose.ts";
export { agentsOf, destinationsFor, type Target } from "./destinations.ts";
export { digestContent, digestOf, digestReason, foldedInto, heldUntil, isQuietLane, quietLaneOf } from "./digest.ts";
export { editableId, editedBy, fitsEdit, livingOf } from "./edit.ts";
export { buttonsOf, fileFor, silentFor } from "./extras.ts";
export { isAgentLane, laneOf } from "./lane.ts";
export { parseReport, renderReport } from "./report.ts";
export { noteOnRuns } from "./run-facts.ts";
