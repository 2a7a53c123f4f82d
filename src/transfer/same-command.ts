import type { Ledger } from "../ledger/types.ts";
import { commandLine } from "../policy/text/index.ts";

type Named = { id: string; name: string };

/** Finds the jobs that are on and start a command, however their schedules and shells differ. */
export function commandsOn(ledger: Pick<Ledger, "jobs">): (argv: readonly string[]) => Named[] {
  const jobs = new Map<string, Named[]>();
  ledger.jobs.each(({ id, enabled, definition: { name, payload } }) => {
    if (!enabled) return;
    const line = commandLine(payload.argv);
    jobs.set(line, [...(jobs.get(line) ?? []), { id, name }]);
  });
  return (argv) => jobs.get(commandLine(argv)) ?? [];
}
