/** What a message says, to whom, and how it is signed. */
export { composeMessage } from "./compose.ts";
export { destinationsFor, type Target } from "./destinations.ts";
export { digestContent, digestOf, digestReason, foldedInto, heldUntil, isQuietLane, quietLaneOf } from "./digest.ts";
export { editableId, editedBy, fitsEdit, livingOf } from "./edit.ts";
export { buttonsOf, fileFor, silentFor } from "./extras.ts";
export { laneOf } from "./lane.ts";
export { parseReport, renderReport } from "./report.ts";
export { noteOnRuns } from "./run-facts.ts";
export { signatureHeaders, webhookKey } from "./signature.ts";
