import type { DoctorFinding } from "../../engine/api.ts";
import type { ImportReport, ImportRow } from "../../transfer/api.ts";
import type { CliIo } from "../io.ts";
import { readCrontab } from "./crontab.ts";
import { readRecord } from "./record.ts";
import { findTimers } from "./timers.ts";

/** What starts a job elsewhere: where it stands, and how that is ended. */
interface Starter {
  row: ImportRow;
  what: string;
  end: string;
}

function findingOf({ row, what, end }: Starter): DoctorFinding[] {
  return (row.same ?? []).map(({ id, name }) => {
    const [level, says] =
      id === row.id ? (["error", "the same job, on in both places"] as const) : (["warn", "the same command"] as const);
    return {
      check: "two schedulers",
      level,
      detail: `${what} and job ${name} (${id}): ${says}`,
      action: `${end}, or \`command-cron disable ${id}\``,
    };
  });
}

/**
 * Commands that this user's crontab or timers start and jobs that are on start as well. Says nothing of what it cannot look
 * at: another host's gateway, a host without cron or systemd.
 */
export async function findTwice(
  io: CliIo,
  stateDir: string,
  ask: (file: unknown, format: "crontab" | "systemd") => Promise<ImportReport>,
): Promise<DoctorFinding[]> {
  const looks: (() => Promise<DoctorFinding[]>)[] = [
    async () => {
      if (readRecord(stateDir).unfinished.length === 0) return [];
      const detail = "a take-over was cut off: what was ended elsewhere may be off here";
      return [{ check: "two schedulers", level: "error", detail, action: "command-cron import --take-over --apply" }];
    },
    async () => {
      const crontab = await readCrontab(io);
      if (crontab === undefined || crontab.trim() === "") return [];
      const { plan } = await ask(crontab, "crontab");
      return plan.flatMap((row) =>
        findingOf({ row, what: `${row.at} of this user's crontab`, end: "`crontab -e`, and put a # before that line" }),
      );
    },
    async () => {
      const findings: DoctorFinding[] = [];
      for (const { name, units } of (await findTimers(io)) ?? []) {
        const { plan } = await ask(units, "systemd").catch(() => ({ plan: [] }));
        const end = `\`systemctl --user disable --now ${name}\``;
        findings.push(...plan.flatMap((row) => findingOf({ row, what: `timer ${name}`, end })));
      }
      return findings;
    },
  ];
  const found: DoctorFinding[] = [];
  for (const look of looks) found.push(...(await look().catch(() => [])));
  return found;
}
