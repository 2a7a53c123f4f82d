/** Answers as text for people. */
export { renderApproval, renderApprovals } from "./approval.ts";
export { renderDeliveries, renderDelivery, renderLanes } from "./delivery.ts";
export { changeLine, renderImport, SIGNS } from "./import.ts";
export {
  afterText,
  deliveryText,
  jobStatus,
  limitsText,
  renderInstants,
  renderJobs,
  scheduleText,
  targetText,
} from "./job.ts";
export { nodesLine, nodeText, nodeWord, renderNodes } from "./nodes.ts";
export { endText, progressFacts, renderOutput, renderRehearsal, renderRuns, survivorText } from "./run.ts";
export { renderStats, renderStatsTable, shareText } from "./stats.ts";
export { renderStatus } from "./status.ts";
export { type Style, styleOf, type Tone, toneOf } from "./style.ts";
export { renderSummary } from "./summary.ts";
export { type Cell, type Column, idCell, renderFacts, renderTable, tableOf, wordCell } from "./table.ts";
export { cleanBlock, cleanLine, readyFor, shortId, wrapWords } from "./text.ts";
export { duration, relative, utc } from "./time.ts";
export { renderTimeline, slotsBeside } from "./timeline.ts";
export { renderTree } from "./tree.ts";
