import { judgeToolCall } from "../../src/host/agents/guard.ts";
import { medianCpuOf } from "../lib/cpu.ts";
import { figure } from "../lib/figure.ts";
import { repeat } from "../lib/repeat.ts";

const MB = 1_000_000;
const ROUNDS = 5;
/** Judged before counting, as code in a gateway that has been up for a while is. */
const WARM_UP = 20;
const TRIES = 15;
const ORDINARY_CALLS = 1_000;

const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const nested = (levels: number): string => `${'{"name":"cron","x":'.repeat(levels)}1${"}".repeat(levels)}`;

/** About 1 MB of JSON each, every one meant to take long: deep, wide, unreadable, hidden; some judged to the end, some refused. */
const SHAPES: readonly (readonly [toolName: string, params: string])[] = [
  ["mcp_tool", nested(50_000)],
  ["mcp_tool", JSON.stringify(many(25_000, () => ({ name: "cron", args: { action: "list" } })))],
  ["mcp_tool", JSON.stringify(Object.fromEntries(many(50_000, (index) => [`key number ${index}`, 1])))],
  ["cron", JSON.stringify(Object.fromEntries(many(50_000, (index) => [`key number ${index}`, 1])))],
  ["cron", JSON.stringify(Object.fromEntries(many(1_900, (index) => [`${"é".repeat(250)}${index}`, 1])))],
  ["cron", JSON.stringify(Object.fromEntries(many(5_000, (index) => [`k${index}`, `["${"a".repeat(190)}`])))],
  ["cron", JSON.stringify({ kind: many(5_000, () => "é".repeat(95)) })],
  ["cron", JSON.stringify({ x: `[${"[],".repeat(MB / 3)}0]` })],
  ["cron", JSON.stringify({ x: JSON.stringify(JSON.stringify({ text: "b".repeat(MB) })) })],
  ["cron", JSON.stringify({ x: "[".repeat(MB) })],
  ["mcp_tool", JSON.stringify({ x: JSON.stringify("\\u0001cron\n".repeat(MB / 12)) })],
  ["cron", JSON.stringify({ argv: " ".repeat(MB) })],
];
const ORDINARY = { action: "add", job: { name: "Briefing", schedule: { kind: "cron", expr: "0 8 * * *" } } };

export const guard = figure({
  name: "guard",
  title: "The guard on agents' tool calls",
  rows: {
    ordinary: { label: "CPU of judging an ordinary call of the cron tool", unit: "ms" },
    worst: { label: "CPU of judging 1 MB of the worst shape", unit: "ms" },
    "worst-parse": { label: "CPU of reading that 1 MB with JSON.parse", unit: "ms" },
  },
  plots: [],
  async measure(bench, record) {
    for (let round = 0; round < (bench.quick ? 1 : ROUNDS); round += 1) {
      const judge = (toolName: string, params: unknown) => () => judgeToolCall({ toolName, params }, () => false);
      const ordinary = judge("cron", ORDINARY);
      const often = (): void => {
        for (let call = 0; call < ORDINARY_CALLS; call += 1) ordinary();
      };
      record("ordinary", (await medianCpuOf(often, TRIES, 1)) / ORDINARY_CALLS);
      const costs = await repeat(SHAPES.length, async (at) => {
        const [toolName, params] = SHAPES[at] ?? ["", ""];
        return {
          judged: await medianCpuOf(judge(toolName, JSON.parse(params)), TRIES, WARM_UP),
          parsed: await medianCpuOf(() => JSON.parse(params), TRIES, WARM_UP),
        };
      });
      const worst = costs.reduce((left, right) => (right.judged > left.judged ? right : left));
      record("worst", worst.judged);
      record("worst-parse", worst.parsed);
    }
  },
});
