import type { SummaryEntry } from "../../../schema/wire/calls/jobs.ts";
import { type Cell, idCell, tableOf, wordCell } from "./table.ts";
import { relative } from "./time.ts";

const streakText = ({ consecutiveErrors, consecutiveOk }: SummaryEntry): Cell =>
  consecutiveErrors > 0
    ? { text: `${consecutiveErrors} failed`, tone: "bad" }
    : { text: consecutiveOk === 0 ? "-" : `${consecutiveOk} ok`, tone: "plain" };

/** The main session was told; whether anything was done is not known. */
const stateText = ({ state, enqueuedOnly }: SummaryEntry): string =>
  state === "ok" && enqueuedOnly === true ? "ok (enqueued)" : state;

/** Everything that is scheduled here, a line a job. */
export const renderSummary = tableOf<SummaryEntry>((nowMs) => [
  { title: "ID", drop: 1, cell: ({ jobId }) => idCell(jobId) },
  { title: "Name", wraps: true, cell: ({ name }) => name },
  { title: "Kind", drop: 3, cell: ({ kind }) => ({ text: kind, tone: "dim" }) },
  { title: "State", cell: (job) => wordCell(job.state, stateText(job)) },
  { title: "Last", drop: 5, cell: ({ lastRunAtMs }) => relative(lastRunAtMs, nowMs) },
  { title: "Next", cell: ({ nextRunAtMs }) => relative(nextRunAtMs, nowMs) },
  { title: "Streak", drop: 6, cell: streakText },
  { title: "Ok", drop: 4, cell: ({ okRate }) => (okRate === undefined ? "-" : `${okRate} %`) },
  { title: "Last good", drop: 2, cell: ({ lastOkAtMs }) => relative(lastOkAtMs, nowMs) },
]);
