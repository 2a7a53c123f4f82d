import { rmSync } from "node:fs";
import { join } from "node:path";
import { CommandCronError } from "../../kernel/errors.ts";
import { type CliIo, type Ran, utf8Text } from "../io.ts";
import { writeWhole } from "./record.ts";

/** What the crons of Debian, Red Hat, BSD and BusyBox say to a user without a crontab. */
const NONE = /no crontab for|can't open .*No such file/i;

const refusal = (what: string, ran: NonNullable<Ran>): CommandCronError =>
  new CommandCronError("ELSEWHERE_REFUSED", {
    field: what,
    got: ran.stderr.trim().split("\n")[0] || `exit code ${ran.code}`,
  });

/**
 * This user's crontab, every byte of it; empty when there is none, undefined when this host has no cron. Raises
 * ELSEWHERE_REFUSED when cron does not show it, FILE_INVALID when it is no UTF-8.
 */
export async function readCrontab(io: Pick<CliIo, "run">): Promise<string | undefined> {
  const ran = await io.run("crontab", ["-l"]);
  if (ran === undefined) return undefined;
  if (ran.code !== 0) {
    if (NONE.test(ran.stderr)) return "";
    throw refusal("crontab -l", ran);
  }
  return utf8Text(ran.stdout, "crontab -l");
}

/**
 * Puts `text` in the place of this user's crontab, which must still be `before`; cron takes all of it or nothing. It is
 * handed over as a file: of standard input a kill would leave half. Raises ELSEWHERE_REFUSED.
 */
export async function writeCrontab(io: CliIo, stateDir: string, before: string, text: string): Promise<void> {
  const path = join(stateDir, "command-cron", `crontab-${process.pid}.new`);
  writeWhole(path, text);
  try {
    if ((await readCrontab(io)) !== before) {
      throw new CommandCronError("ELSEWHERE_REFUSED", { field: "crontab", got: "a crontab that changed meanwhile" });
    }
    const ran = await io.run("crontab", [path]);
    if (ran?.code !== 0) throw refusal("crontab", ran ?? { code: 127, stdout: Buffer.alloc(0), stderr: "no crontab" });
    if ((await readCrontab(io)) !== text) {
      throw new CommandCronError("ELSEWHERE_REFUSED", { field: "crontab", got: "another crontab than was written" });
    }
  } finally {
    rmSync(path, { force: true });
  }
}

/** Keeps a crontab as it is beside the ledger's backups; answers the path. */
export function copyCrontab(stateDir: string, text: string, nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().replace(/[:.]/g, "-");
  const path = join(stateDir, "command-cron", "backups", `crontab-${stamp}`);
  writeWhole(path, text);
  return path;
}
