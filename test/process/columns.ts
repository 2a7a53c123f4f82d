import { afterAll } from "vitest";
import { noCgroups } from "../helpers/cgroups.ts";
import { type ExecutorProcess, startExecutorProcess } from "../helpers/executor-process.ts";

/** An ordinary user that every system has. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;

/** One kind of host that must keep every promise. */
export interface Column {
  name: string;
  hasCgroup: boolean;
  isRoot: boolean;
  /** Why it cannot be had on this machine. */
  missing?: string;
  start(): Promise<ExecutorProcess>;
}

/** An ordinary user whose trees are found by looking, and root (or whoever runs the tests) with a control group. */
export const COLUMNS: readonly Column[] = [
  {
    name: "ordinary user, no control group",
    hasCgroup: false,
    isRoot: false,
    start: () => startExecutorProcess(isRoot ? { uid: NOBODY } : {}),
  },
  {
    name: isRoot ? "root, control group" : "ordinary user, control group",
    hasCgroup: true,
    isRoot,
    ...(noCgroups ? { missing: "this host lets us have no control group" } : {}),
    start: () => startExecutorProcess({ cgroupName: "command-cron-columns" }),
  },
];

/** Prints after the tests of a file what was found in which column; a check that did not run says why. */
export function printsColumns(title: string) {
  const rows = new Map<string, Map<string, string>>();
  afterAll(() => {
    const names = COLUMNS.map(({ name }) => name);
    const lines = [...rows].map(([row, cells]) => [row, ...names.map((name) => cells.get(name) ?? "failed")]);
    const all = [[title, ...names], ...lines];
    const widths = all[0]?.map((_, at) => Math.max(...all.map((line) => line[at]?.length ?? 0))) ?? [];
    console.log(
      all
        .map((line) =>
          line
            .map((cell, at) => cell.padEnd(widths[at] ?? 0))
            .join("  ")
            .trimEnd(),
        )
        .join("\n"),
    );
  });
  return (row: string, column: Column, cell: string): void => {
    const cells = rows.get(row) ?? new Map<string, string>();
    rows.set(row, cells.set(column.name, cell));
  };
}
