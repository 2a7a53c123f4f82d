import type { Cleanup, RunEntry } from "../../../schema/wire/run.ts";
import type { RehearsalReport } from "../../engine/api.ts";
import { progressLine } from "../../kernel/progress.ts";
import { targetText } from "./job.ts";
import { nodeText } from "./nodes.ts";
import { type Style, type Tone, toneOf } from "./style.ts";
import { type Cell, idCell, renderFacts, tableOf, wordCell } from "./table.ts";
import { cleanBlock, cleanLine, shortId } from "./text.ts";
import { duration, relative, utc } from "./time.ts";

/** How a run ended, in a few words: `exit 3`, `timed out`, `SIGKILL`. */
export function endText(run: Pick<RunEntry, "outcome" | "signal" | "exitCode" | "reason">): string {
  if (run.outcome === "timed_out") return "time limit";
  if (run.outcome === "silent") return "no output";
  if (run.outcome === "stalled") return "no progress";
  if (run.outcome === "verify_failed") return "check failed";
  if (run.outcome === "status_failed") return "not well";
  if (run.signal !== null) return run.signal;
  if (run.exitCode !== null) return `exit ${run.exitCode}`;
  return run.outcome ?? run.reason ?? "-";
}

/** How far a run is, and what comes then. */
export function progressFacts({ progress, runAtMs, endedAtMs }: RunEntry, nowMs: number): [string, string, Tone?][] {
  if (progress === undefined) return [];
  const { level = "ok", next } = progress;
  const tone: Tone = level === "ok" ? "plain" : level === "warn" ? "warn" : "bad";
  const running = endedAtMs === undefined && runAtMs !== undefined;
  return [
    ...(running ? ([["running for", duration(nowMs - runAtMs)]] as [string, string][]) : []),
    ["progress", progressLine(progress, nowMs), tone],
    ...(next === undefined ? [] : ([["then", next]] as [string, string][])),
  ];
}

/** The end of a run, or how far it is. */
function standText(run: RunEntry, nowMs: number): string {
  if (run.enqueued === true) return "enqueued";
  if (run.runStatus !== "running") return endText(run);
  if (run.node?.outOfReachSinceMs !== undefined) return `on ${nodeText(run, nowMs)}`;
  return run.progress === undefined ? "-" : progressLine(run.progress, nowMs);
}

const jobText = ({ jobName, jobId, node }: RunEntry): string =>
  `${jobName ?? shortId(jobId)}${node?.name ? ` @ ${cleanLine(node.name)}` : ""}`;

const tookText = ({ durationMs, runStatus, runAtMs }: RunEntry, nowMs: number): string =>
  runStatus === "running" && runAtMs !== undefined ? `${duration(nowMs - runAtMs)} so far` : duration(durationMs);

/** What became of the processes of a run: the statement that none is left, or which are. */
export function survivorText(cleanup: Cleanup | undefined): string | undefined {
  if (cleanup === undefined) return undefined;
  const { found, ended, left, method } = cleanup;
  if (left.length > 0) {
    return `${left.length} still alive: ${left.map(({ pid, command }) => `${pid} ${command}`).join(", ")}`;
  }
  return found === 0 ? "none left" : `none left (${found} found, ${ended} ended by ${method.join(", ")})`;
}

const dueText = ({ scheduledForMs, source, trigger }: RunEntry): string =>
  scheduledForMs === null ? (source ?? trigger) : utc(scheduledForMs);

const leftCell = ({ cleanup }: RunEntry): Cell | undefined =>
  cleanup && { text: String(cleanup.left.length), tone: cleanup.left.length > 0 ? "bad" : "dim" };

export const renderRuns = tableOf<RunEntry>((nowMs) => [
  { title: "Run", cell: ({ runId }) => idCell(runId) },
  { title: "Job", wraps: true, drop: 1, cell: jobText },
  { title: "Due", wraps: true, drop: 4, cell: dueText },
  { title: "Started", drop: 3, cell: ({ runAtMs }) => relative(runAtMs, nowMs) },
  { title: "Late", drop: 7, cell: ({ latenessMs }) => duration(latenessMs) },
  { title: "Took", drop: 5, cell: (run) => tookText(run, nowMs) },
  { title: "Status", cell: ({ runStatus }) => wordCell(runStatus) },
  { title: "End", wraps: true, drop: 2, cell: (run) => standText(run, nowMs) },
  { title: "Left", drop: 8, cell: leftCell },
  { title: "Delivery", drop: 6, cell: ({ deliveryStatus }) => wordCell(deliveryStatus) },
]);

const SILENT: Record<string, string> = {
  empty: "the command printed nothing",
  no_reply: "the command asked for silence",
  not_matching: "--deliver-match does not find its pattern",
  policy: "--deliver-on does not speak of such a run",
  skipped: "its exit code means that there was nothing to do",
};

/** What a command did that ran for a look, and what its job would have said. */
export function renderRehearsal(rehearsal: RehearsalReport, name: string, style: Style): string {
  const { to, text, silent } = rehearsal;
  const nothing = to.length === 0 ? "nothing: no delivery" : `nothing: ${SILENT[silent ?? ""] ?? silent}`;
  const facts = renderFacts(
    [
      ["Tried", `${name}; nothing is stored or sent`, "bold"],
      ["status", `${rehearsal.runStatus} (${endText(rehearsal)})`, toneOf(rehearsal.runStatus)],
      ["took", duration(rehearsal.durationMs)],
      ["error", rehearsal.error, "bad"],
      ["processes", survivorText(rehearsal.cleanup), rehearsal.cleanup.left.length > 0 ? "bad" : "plain"],
      ["would send", text === undefined ? nothing : `to ${to.map(targetText).join("; ")}`],
    ],
    style,
  );
  const blocks = [
    renderOutput("stdout", rehearsal.stdout, style),
    renderOutput("stderr", rehearsal.stderr, style),
    text === undefined ? undefined : renderOutput("message", text, style),
  ];
  return [facts, ...blocks.filter((block) => block !== undefined)].join("\n");
}

const SHOWN_LINES = 20;

/** The last lines of an output, indented and safe to print. */
export function renderOutput(label: string, text: string, style: Style): string | undefined {
  const lines = cleanBlock(text).trimEnd().split("\n");
  if (lines.length === 1 && lines[0] === "") return undefined;
  const hidden = lines.length - SHOWN_LINES;
  const shown = hidden > 0 ? [`… ${hidden} more lines`, ...lines.slice(-SHOWN_LINES)] : lines;
  return [style("dim", `${label}:`), ...shown.map((line) => `  ${line}`)].join("\n");
}
