import type { ApprovalEntry } from "../../../schema/wire/calls/approvals.ts";
import { type Style, toneOf } from "./style.ts";
import { idCell, renderFacts, tableOf, wordCell } from "./table.ts";
import { cleanLine, indented, shortId } from "./text.ts";
import { relative, utc } from "./time.ts";

const HASH_SHOWN = 12;
const shortHash = (hash: string | undefined): string => hash?.slice(0, HASH_SHOWN) ?? "-";

export const renderApprovals = tableOf<ApprovalEntry>((nowMs) => [
  { title: "Run", cell: ({ runId }) => idCell(runId) },
  { title: "Job", wraps: true, cell: ({ jobName }) => jobName },
  { title: "Risk", drop: 2, cell: ({ risk }) => risk },
  { title: "State", cell: ({ state }) => wordCell(state) },
  { title: "Asked", drop: 3, cell: ({ requestedAtMs }) => relative(requestedAtMs, nowMs) },
  { title: "Until", drop: 1, cell: ({ expiresAtMs }) => relative(expiresAtMs, nowMs) },
  { title: "Hash", cell: ({ hash }) => shortHash(hash) },
  { title: "Command", wraps: true, drop: 4, cell: ({ command }) => command },
]);

/** One request with all that a person decides by. */
export function renderApproval(entry: ApprovalEntry, nowMs: number, style: Style): string {
  const decided = entry.decidedAtMs === undefined ? undefined : `${relative(entry.decidedAtMs, nowMs)}`;
  const by = entry.decidedBy === undefined ? "" : ` by ${entry.decidedBy}`;
  const door = entry.door === "gateway" ? " through the gateway's approvals" : "";
  const facts = renderFacts(
    [
      ["run", `${entry.runId}, attempt ${entry.attempt}`, "bold"],
      ["job", entry.jobName],
      ["risk", entry.risk],
      ["why", entry.why],
      ["state", entry.state, toneOf(entry.state)],
      ["command", cleanLine(entry.command)],
      ["hash", entry.hash],
      ["until", `${utc(entry.expiresAtMs)} (${relative(entry.expiresAtMs, nowMs)})`],
      ["decided", decided === undefined ? undefined : `${decided}${by}${door}`],
      ["reason", entry.reason],
    ],
    style,
  );
  const plan = entry.plan === undefined ? [] : [style("dim", "plan:"), ...indented(entry.plan)];
  const how =
    entry.state === "waiting" ? [`command-cron approve ${shortId(entry.runId)} --hash ${shortHash(entry.hash)}`] : [];
  return [facts, ...plan, ...how].join("\n");
}
