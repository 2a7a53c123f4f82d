import type { Cleanup } from "../../../schema/wire/run.ts";
import { MEMBER_LAYERS } from "./members.ts";
import type { ProcessEntry, ProcessTable } from "./table.ts";

const LAYERS = [...MEMBER_LAYERS, "cgroup"] as const;
type Layer = (typeof LAYERS)[number];

const COMMANDS_MAX = 20;
const COMMAND_CHARS = 200;

/** What was found of one attempt, gathered for its statement. */
export type Findings = ReturnType<typeof createFindings>;

/** @param clean makes a command line fit to be kept */
export function createFindings(table: ProcessTable, clean: (text: string) => string) {
  const used = new Set<Layer>();
  /** Command lines of the first, by pid and start time. */
  const found = new Map<string, string>();
  let atLeast = 0;
  const describe = (pid: number): string => clean(table.commandOf(pid)).slice(0, COMMAND_CHARS);

  return {
    /** These ways of recognising members were used. */
    by(layers: Iterable<Layer>): void {
      for (const layer of layers) used.add(layer);
    },
    /** These live, or lived until now. */
    count(entries: readonly ProcessEntry[]): void {
      for (const { pid, startTime } of entries) {
        const name = `${pid}/${startTime}`;
        if (!found.has(name)) found.set(name, found.size < COMMANDS_MAX ? describe(pid) : "");
      }
    },
    /** Somebody was there who ended before it could be looked at. */
    sensed(): void {
      atLeast = 1;
    },
    statement(left: readonly ProcessEntry[]): Cleanup {
      const commands = [...found.values()].filter((text) => text !== "");
      const all = Math.max(found.size, atLeast);
      return {
        method: LAYERS.filter((layer) => used.has(layer)),
        found: all,
        ended: all - left.length,
        left: left.map(({ pid }) => ({ pid, command: describe(pid) })),
        ...(commands.length === 0 ? {} : { foundCommands: commands }),
      };
    },
  };
}
