import { basename } from "node:path";
import type { Ledger } from "../ledger/types.ts";

type Named = { id: string; name: string };

const SHELLS = ["sh", "bash", "dash", "zsh", "ksh", "ash"];

/** A command as one line, whichever shell was given it. */
function lineOf(argv: readonly string[]): string {
  const [program = "", flag, line, ...more] = argv;
  const text =
    SHELLS.includes(basename(program)) && flag === "-c" && line !== undefined && more.length === 0
      ? line
      : argv.join(" ");
  return text.replace(/\s+/g, " ").trim();
}

/** Finds the jobs that are on and start a command, however their schedules and shells differ. */
export function commandsOn(ledger: Pick<Ledger, "jobs">): (argv: readonly string[]) => Named[] {
  const jobs = new Map<string, Named[]>();
  ledger.jobs.each(({ id, enabled, definition: { name, payload } }) => {
    if (!enabled) return;
    const line = lineOf(payload.argv);
    jobs.set(line, [...(jobs.get(line) ?? []), { id, name }]);
  });
  return (argv) => jobs.get(lineOf(argv)) ?? [];
}
