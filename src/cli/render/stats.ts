import type { JobStats, RunStats } from "../../../schema/wire/calls/runs.ts";
import { DAY_MS, formatBytes } from "../../kernel/durations.ts";
import type { Style } from "./style.ts";
import { type Column, idCell, renderFacts, renderTable } from "./table.ts";
import { duration } from "./time.ts";

const BARS = "▁▂▃▄▅▆▇█";
/** Bars of a line of days; of more days the newest are shown. */
const BARS_MAX = 30;

/** One bar a value, the largest the full height; nothing where nothing is known. */
export function sparkline(values: readonly (number | undefined)[]): string {
  const most = Math.max(...values.map((value) => value ?? 0), 0);
  return values
    .map((value) =>
      value === undefined ? " " : (BARS[most === 0 ? 0 : Math.ceil((value / most) * BARS.length) - 1] ?? BARS[0]),
    )
    .join("");
}

/** The middle duration of each day, days without runs left blank, up to the last one with runs. */
function daily(days: RunStats["days"]): string {
  const byDay = new Map(days.map(({ atMs, p50Ms }) => [atMs, p50Ms]));
  const [first, last] = [days[0]?.atMs, days.at(-1)?.atMs];
  if (first === undefined || last === undefined) return "";
  const from = Math.max(first, last - (BARS_MAX - 1) * DAY_MS);
  return sparkline(Array.from({ length: (last - from) / DAY_MS + 1 }, (_, index) => byDay.get(from + index * DAY_MS)));
}

/** A share in per cent, never rounded to all or nothing. */
export function shareText(share: number | undefined): string {
  if (share === undefined) return "-";
  if (share === 0 || share === 1) return `${share * 100} %`;
  return `${Math.min(99.9, Math.max(0.1, share * 100)).toFixed(1)} %`;
}

const spreadText = (spread: RunStats["durationMs"]): string | undefined =>
  spread && `${duration(spread.p50)} p50, ${duration(spread.p95)} p95, ${duration(spread.max)} max`;

function endsText({ ok, error, canceled, skipped, retried }: RunStats): string {
  const parts = [
    [ok, "ok"],
    [error, "failed"],
    [canceled, "canceled"],
    [skipped, "skipped"],
    [retried, "only after a retry"],
  ] as const;
  return parts
    .filter(([count], index) => index < 2 || count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(", ");
}

const marksOf = ({ slow, flaky }: Pick<JobStats, "slow" | "flaky">): string =>
  [slow === true ? "slow" : "", flaky === true ? "flaky" : ""].filter(Boolean).join(", ");

/** All about one job, or about all together. */
export function renderStats(
  title: string,
  since: string,
  stats: RunStats & Pick<JobStats, "slow" | "flaky">,
  style: Style,
): string {
  const marks = marksOf(stats);
  const days = daily(stats.days);
  return renderFacts(
    [
      ["stats", title, "bold"],
      ["since", since],
      ["runs", `${stats.runs}: ${endsText(stats)}`],
      ["ok rate", shareText(stats.okRate)],
      ["took", spreadText(stats.durationMs)],
      ["late", spreadText(stats.latenessMs)],
      ["output", formatBytes(stats.outputBytes)],
      ["CPU", duration(stats.cpuMs)],
      ["memory", stats.peakMemoryBytes === undefined ? undefined : `${formatBytes(stats.peakMemoryBytes)} at most`],
      ["by day", days === "" ? undefined : days],
      ["of late", marks === "" ? undefined : marks, "warn"],
    ],
    style,
  );
}

/** One line a job. */
export function renderStatsTable(jobs: readonly JobStats[], style: Style): string {
  const columns: Column<JobStats>[] = [
    { title: "ID", cell: ({ jobId }) => idCell(jobId) },
    { title: "Name", wraps: true, cell: ({ name }) => name },
    { title: "Runs", cell: ({ runs }) => String(runs) },
    { title: "OK", cell: ({ okRate, error }) => ({ text: shareText(okRate), tone: error > 0 ? "bad" : "plain" }) },
    { title: "p50", cell: ({ durationMs }) => duration(durationMs?.p50) },
    { title: "p95", drop: 2, cell: ({ durationMs }) => duration(durationMs?.p95) },
    { title: "Max", drop: 3, cell: ({ durationMs }) => duration(durationMs?.max) },
    { title: "Late p95", drop: 4, cell: ({ latenessMs }) => duration(latenessMs?.p95) },
    { title: "Output", drop: 6, cell: ({ outputBytes }) => formatBytes(outputBytes) },
    { title: "CPU", drop: 5, cell: ({ cpuMs }) => duration(cpuMs) },
    { title: "Memory", drop: 7, cell: ({ peakMemoryBytes: most }) => (most === undefined ? "-" : formatBytes(most)) },
    { title: "By day", drop: 1, cell: ({ days }) => daily(days) },
    { title: "Of late", cell: (job) => ({ text: marksOf(job), tone: "warn" }) },
  ];
  return renderTable(jobs, columns, style);
}
