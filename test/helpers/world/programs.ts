import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SECOND_MS } from "../../../src/kernel/durations.ts";
import type { PastJob } from "./jobs.ts";

/** Of what takes an hour in the world, somebody who looks waits so long at most. */
const MOST_MS = 3 * SECOND_MS;
const OF_THE_SHELL = ["sh", "true"];

/** What goes on while one looks: each says how far it is in its own way, and the first of them stands still. */
const LIVE: Record<string, string> = {
  migrate: 'echo "3/210 mailbox of office@example.org" >"$OPENCLAW_PROGRESS"; exec sleep 86400',
  "tape-copy":
    'n=86; while [ $n -lt 205 ]; do echo "$n/205 copying 2019/summer" >"$OPENCLAW_PROGRESS"; n=$((n+1)); sleep 20; done',
  rclone: 'while :; do echo "IMG_$(date +%s).jpg" | tee "$OPENCLAW_PROGRESS"; sleep 5; done',
  deploy:
    'case "$*" in *--dry-run*) echo "2 services change: shop 4.1.2 -> 4.2.0, search 1.9 -> 2.0";; *) echo deployed;; esac',
  "daily-figures": 'printf "orders 1,204\\nrevenue 38,112.40\\nreturns 12\\n"',
  "stock-level": "echo all shelves full",
};

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Programs of the names that jobs of the world run, which do and say the same as in their past. */
export async function writePrograms(dir: string, jobs: readonly PastJob[]): Promise<void> {
  await mkdir(dir, { recursive: true });
  const scripts = new Map(Object.entries(LIVE));
  for (const job of jobs) {
    const [program = "", ...args] = job.argv;
    if (OF_THE_SHELL.includes(program)) continue;
    scripts.set(program, (scripts.get(program) ?? "") + caseOf(args, job));
  }
  // The long command of the catalogue is a line for the shell.
  scripts.set("lftp", "echo 'lftp: Login failed: 530 Login incorrect.' >&2; exit 1");
  for (const [name, script] of scripts) {
    const file = join(dir, name);
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
  }
}

function caseOf(args: readonly string[], { tookMs, prints, exits = [], says = "" }: PastJob): string {
  const [code = 0] = exits;
  const seconds = Math.min(MOST_MS, tookMs[0] ?? 0) / SECOND_MS;
  const end = code === 0 ? `echo ${quoted(prints)}; exit 0` : `echo ${quoted(says)} >&2; exit ${code}`;
  return `if [ "$*" = ${quoted(args.join(" "))} ]; then sleep ${seconds}; ${end}; fi\n`;
}
