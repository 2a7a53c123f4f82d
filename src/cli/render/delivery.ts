import type { DeliveryEntry } from "../../../schema/wire/delivery.ts";
import type { StatusReport } from "../../engine/api.ts";
import { formatDurationMs } from "../../kernel/durations.ts";
import { targetText } from "./job.ts";
import { type Style, toneOf } from "./style.ts";
import { type Cell, renderFacts, renderTable } from "./table.ts";
import { cleanBlock, cleanLine, shortId } from "./text.ts";
import { relative, utc } from "./time.ts";

const stateText = (entry: DeliveryEntry): string =>
  entry.custody === "gateway" ? `${entry.state} (gateway)` : entry.state;

export function renderDeliveries(entries: readonly DeliveryEntry[], nowMs: number, style: Style): string {
  const columns = [
    { title: "Delivery" },
    { title: "Kind", drop: 5 },
    { title: "State", wraps: true },
    { title: "Tries", drop: 4 },
    { title: "Age", drop: 3 },
    { title: "Next try", drop: 7 },
    { title: "Run", drop: 6 },
    { title: "To", wraps: true, drop: 2 },
    { title: "Reason", wraps: true, drop: 1 },
  ];
  const rows = entries.map((entry): (Cell | string)[] => [
    { text: shortId(entry.deliveryId), tone: "dim" },
    entry.kind,
    { text: stateText(entry), tone: toneOf(entry.state) },
    String(entry.attempts),
    relative(entry.createdAtMs, nowMs),
    relative(entry.nextAttemptAtMs, nowMs),
    { text: shortId(entry.runId), tone: "dim" },
    targetText(entry.destination),
    entry.reason ?? "-",
  ]);
  return renderTable(columns, rows, style);
}

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
  const text = entry.text === undefined ? [] : cleanBlock(entry.text).trimEnd().split("\n");
  const said = text.length === 0 ? [] : [style("dim", "text:"), ...text.map((line) => `  ${line}`)];
  return [facts, ...log, ...said].join("\n");
}

export function renderLanes(lanes: StatusReport["lanes"], nowMs: number, style: Style): string {
  const counted = lanes.some(({ jobs }) => jobs !== undefined);
  const named = lanes.some(({ names }) => names !== undefined);
  const kept = lanes.some(({ custody }) => custody !== undefined);
  const columns = [
    { title: "Lane", wraps: true },
    ...(named ? [{ title: "Name", wraps: true, drop: 4 }] : []),
    { title: "State" },
    { title: "Waiting" },
    ...(counted ? [{ title: "Jobs", drop: 3 }] : []),
    ...(kept ? [{ title: "Gateway keeps", drop: 3 }] : []),
    { title: "Oldest", drop: 2 },
    { title: "Reason", wraps: true, drop: 1 },
  ];
  const rows = lanes.map((lane): (Cell | string)[] => {
    const state = lane.disabledAtMs !== undefined ? "disabled" : lane.pausedAtMs !== undefined ? "paused" : "open";
    return [
      lane.lane,
      ...(named ? [lane.names?.join(" ") ?? "-"] : []),
      { text: state, tone: state === "open" ? "good" : "warn" },
      String(lane.pending),
      ...(counted ? [String(lane.jobs ?? 0)] : []),
      ...(kept ? [lane.custody === undefined ? "-" : String(lane.custody)] : []),
      relative(lane.oldestAtMs, nowMs),
      lane.reason ?? "-",
    ];
  });
  return renderTable(columns, rows, style);
}
