import type { SummaryEntry } from "../../../schema/wire/rpc-results.ts";
import { type Style, toneOf } from "./style.ts";
import { type Cell, renderTable } from "./table.ts";
import { shortId } from "./text.ts";
import { relative } from "./time.ts";

const streakText = ({ consecutiveErrors, consecutiveOk }: SummaryEntry): Cell =>
  consecutiveErrors > 0
    ? { text: `${consecutiveErrors} failed`, tone: "bad" }
    : { text: consecutiveOk === 0 ? "-" : `${consecutiveOk} ok`, tone: "plain" };

/** The main session was told; whether anything was done is not known. */
const stateText = ({ state, enqueuedOnly }: SummaryEntry): string =>
  state === "ok" && enqueuedOnly === true ? "ok (enqueued)" : state;

/** Everything that is scheduled here, a line a job. */
export function renderSummary(jobs: readonly SummaryEntry[], nowMs: number, style: Style): string {
  const columns = [
    { title: "ID", drop: 1 },
    { title: "Name", wraps: true },
    { title: "Kind", drop: 3 },
    { title: "State" },
    { title: "Last", drop: 5 },
    { title: "Next" },
    { title: "Streak", drop: 6 },
    { title: "Ok", drop: 4 },
    { title: "Last good", drop: 2 },
  ];
  const rows = jobs.map((job): (Cell | string)[] => [
    { text: shortId(job.jobId), tone: "dim" },
    job.name,
    { text: job.kind, tone: "dim" },
    { text: stateText(job), tone: toneOf(job.state) },
    relative(job.lastRunAtMs, nowMs),
    relative(job.nextRunAtMs, nowMs),
    streakText(job),
    job.okRate === undefined ? "-" : `${job.okRate} %`,
    relative(job.lastOkAtMs, nowMs),
  ]);
  return renderTable(columns, rows, style);
}
