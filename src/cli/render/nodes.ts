import type { RunEntry } from "../../../schema/wire/run.ts";
import type { NodesResult } from "../../../schema/wire/target.ts";
import type { Style } from "./style.ts";
import { type Cell, type Column, idCell, renderTable } from "./table.ts";
import { cleanLine } from "./text.ts";
import { duration, relative } from "./time.ts";

type Entry = NodesResult["nodes"][number];

/** Where a run is, was or is for, and whether that is out of reach: `db1`, `db1 (out of reach for 3 min)`. */
export function nodeText({ node, runStatus }: RunEntry, nowMs: number): string | undefined {
  if (node === undefined) return undefined;
  const name = cleanLine(node.name) || "its node";
  const { outOfReachSinceMs: sinceMs } = node;
  if (runStatus !== "running" || sinceMs === undefined) return name;
  return `${name} (out of reach for ${duration(nowMs - sinceMs)})`;
}

const clockText = (ms: number | undefined): string =>
  ms === undefined ? "-" : Math.abs(ms) < 1_000 ? "none" : `${ms > 0 ? "+" : "-"}${duration(Math.abs(ms))}`;

/** How it is to be reached, in a word. */
export const nodeWord = ({ connected, serves }: Pick<Entry, "connected" | "serves">) =>
  connected ? (serves ? "connected" : "unserving") : "offline";

const STATES: Record<ReturnType<typeof nodeWord>, Cell> = {
  connected: { text: "connected", tone: "good" },
  unserving: { text: "connected, does not serve", tone: "warn" },
  offline: { text: "offline", tone: "bad" },
};

/** All of them in a line: `1,000 nodes: 997 connected, 1 unserving, 2 offline; 12 runs`. */
export function nodesLine(nodes: readonly Entry[]): string {
  const count = (word: string): string => nodes.filter((node) => nodeWord(node) === word).length.toLocaleString("en");
  const runs = nodes.reduce((sum, { running }) => sum + running, 0).toLocaleString("en");
  const all = nodes.length.toLocaleString("en");
  return `${all} nodes: ${count("connected")} connected, ${count("unserving")} unserving, ${count("offline")} offline; ${runs} runs`;
}

/** One line a node. */
export function renderNodes({ available, nodes }: NodesResult, nowMs: number, style: Style): string {
  if (!available) return "This gateway does not let plugins reach nodes (2026.9.6 does).";
  if (nodes.length === 0) return "No paired nodes. docs/nodes.md says how to pair one.";
  const columns: Column<Entry>[] = [
    { title: "Node", wraps: true, cell: ({ name }) => name || undefined },
    { title: "ID", cell: ({ id }) => idCell(id) },
    { title: "Tags", wraps: true, drop: 3, cell: ({ tags }) => tags.join(", ") || undefined },
    { title: "State", cell: (node) => STATES[nodeWord(node)] },
    {
      title: "Last seen",
      drop: 2,
      cell: ({ connected, lastSeenAtMs }) => (connected ? "now" : relative(lastSeenAtMs, nowMs)),
    },
    { title: "Runs", cell: ({ running, limit }) => `${running} of ${limit}` },
    { title: "Version", drop: 4, cell: ({ version }) => version },
    { title: "Clock", drop: 5, cell: ({ clockDifferenceMs }) => clockText(clockDifferenceMs) },
  ];
  return renderTable(nodes, columns, style);
}
