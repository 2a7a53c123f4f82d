import type { DeliveryEntry } from "../../../schema/wire/delivery.ts";
import type { Lane } from "../../engine/api.ts";
import { formatDurationMs } from "../../kernel/durations.ts";
import { targetText } from "./job.ts";
import { type Style, toneOf } from "./style.ts";
import { type Cell, type Column, idCell, renderFacts, renderTable, tableOf, wordCell } from "./table.ts";
import { cleanLine, indented } from "./text.ts";
import { relative, utc } from "./time.ts";

const stateText = (entry: DeliveryEntry): string =>
  entry.custody === "gateway" ? `${entry.state} (gateway)` : entry.state;

export const renderDeliveries = tableOf<DeliveryEntry>((nowMs) => [
  { title: "Delivery", cell: ({ deliveryId }) => idCell(deliveryId) },
  { title: "Kind", drop: 5, cell: ({ kind }) => kind },
  { title: "State", wraps: true, cell: (entry) => wordCell(entry.state, stateText(entry)) },
  { title: "Tries", drop: 4, cell: ({ attempts }) => String(attempts) },
  { title: "Age", drop: 3, cell: ({ createdAtMs }) => relative(createdAtMs, nowMs) },
  {
    title: "Next try",
    drop: 7,
    cell: ({ state, nextAttemptAtMs }) => (state === "sending" ? "now" : relative(nextAttemptAtMs, nowMs)),
  },
  { title: "Run", drop: 6, cell: ({ runId }) => idCell(runId) },
  { title: "To", wraps: true, drop: 2, cell: ({ destination }) => targetText(destination) },
  { title: "Reason", wraps: true, drop: 1, cell: ({ reason }) => reason },
]);

export function renderDelivery(entry: DeliveryEntry, nowMs: number, style: Style): string {
  const facts = renderFacts(
    [
      ["delivery", entry.deliveryId],
      ["kind", entry.kind],
      ["state", stateText(entry), toneOf(entry.state)],
      ["to", targetText(entry.destination)],
      ["lane", entry.lane],
      ["job", entry.jobId],
      ["run", entry.runId],
      ["written", `${utc(entry.createdAtMs)} (${relative(entry.createdAtMs, nowMs)})`],
      ["changed", `${utc(entry.updatedAtMs)} (${relative(entry.updatedAtMs, nowMs)})`],
      ["attempts", String(entry.attempts)],
      ["next try", entry.nextAttemptAtMs === undefined ? undefined : relative(entry.nextAttemptAtMs, nowMs)],
      ["reason", entry.reason],
      ["message ids", entry.messageIds?.join(", ") || undefined],
    ],
    style,
  );
  const tries = (entry.tries ?? []).map(
    (made) =>
      `  ${utc(made.atMs)}  ${made.result}, ${formatDurationMs(made.tookMs)}${made.detail === undefined ? "" : `: ${made.detail}`}`,
  );
  const log = tries.length === 0 ? [] : [style("dim", "tries:"), ...tries.map(cleanLine)];
  const said = entry.text === undefined ? [] : [style("dim", "text:"), ...indented(entry.text)];
  const answered = entry.answer === undefined ? [] : [style("dim", "answer:"), ...indented(entry.answer)];
  return [facts, ...log, ...said, ...answered].join("\n");
}

function laneState({ disabledAtMs, pausedAtMs }: Lane): Cell {
  const state = disabledAtMs !== undefined ? "disabled" : pausedAtMs !== undefined ? "paused" : "open";
  return { text: state, tone: state === "open" ? "good" : "warn" };
}

export function renderLanes(lanes: readonly Lane[], nowMs: number, style: Style): string {
  const counted = lanes.some(({ jobs }) => jobs !== undefined);
  const named = lanes.some(({ names }) => names !== undefined);
  const kept = lanes.some(({ custody }) => custody !== undefined);
  const names: Column<Lane> = { title: "Name", wraps: true, drop: 4, cell: (lane) => lane.names?.join(" ") };
  const jobs: Column<Lane> = { title: "Jobs", drop: 3, cell: (lane) => String(lane.jobs ?? 0) };
  const custody: Column<Lane> = { title: "Gateway keeps", drop: 3, cell: (lane) => lane.custody?.toString() };
  const columns: Column<Lane>[] = [
    { title: "Lane", wraps: true, cell: ({ lane }) => lane },
    ...(named ? [names] : []),
    { title: "State", cell: laneState },
    { title: "Waiting", cell: ({ pending }) => String(pending) },
    ...(counted ? [jobs] : []),
    ...(kept ? [custody] : []),
    { title: "Oldest", drop: 2, cell: ({ oldestAtMs }) => relative(oldestAtMs, nowMs) },
    { title: "Reason", wraps: true, drop: 1, cell: ({ reason }) => reason },
  ];
  return renderTable(lanes, columns, style);
}
