import { execFile, execFileSync } from "node:child_process";
import { promisify } from "node:util";
import { orUndefined } from "../../kernel/or-undefined.ts";
import { type ProcessEntry, type ProcessTable, sendSignal } from "./table.ts";

const COLUMNS = "pid=,ppid=,pgid=,stat=,time=,rss=,lstart=,command=";
const ROW = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(\d+)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]+\s+\d{4})\s+(.*)$/;
const MAX_BYTES = 64 * 1_048_576;
const run = promisify(execFile);

/** BSD `ps` writes times in the caller's language and zone; two readings of one process must be alike. */
const plain = (): NodeJS.ProcessEnv => ({ ...process.env, LC_ALL: "C", TZ: "UTC" });

interface Row {
  entry: ProcessEntry;
  command: string;
  residentBytes: number;
}

/** `[[days-]hours:]minutes:seconds[.hundredths]` in milliseconds. */
function cpuTimeMs(text: string): number {
  const [clock = "", days = "0"] = text.split("-").reverse();
  return 1_000 * clock.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400_000;
}

export function parsePsRow(line: string): Row | undefined {
  const match = ROW.exec(line);
  if (match === null) return undefined;
  const [, pid, ppid, pgrp, state, time, rss, started, command] = match;
  return {
    entry: {
      pid: Number(pid),
      ppid: Number(ppid),
      pgrp: Number(pgrp),
      // Portable ps does not tell sessions; the group stands in for it.
      session: Number(pgrp),
      state: state?.[0] ?? "X",
      startTime: Date.parse(`${started} UTC`) / 1_000,
      cpuMs: cpuTimeMs(time ?? "0"),
    },
    command: command ?? "",
    residentBytes: Number(rss) * 1_024,
  };
}

const one = (pid: number, flags = "-o"): Row | undefined =>
  orUndefined(() => {
    const text = execFileSync("ps", ["-ww", flags, COLUMNS, "-p", String(pid)], { encoding: "utf8", env: plain() });
    return parsePsRow(text.split("\n")[0] ?? "");
  });

/** Asks `ps`, for systems without /proc. Slower, and blind to sessions. */
export const psProcessTable: ProcessTable = {
  async list() {
    const { stdout } = await run("ps", ["-axo", COLUMNS], { maxBuffer: MAX_BYTES, env: plain() });
    return stdout.split("\n").flatMap((line) => parsePsRow(line)?.entry ?? []);
  },
  since: () => undefined,
  entry: (pid) => one(pid)?.entry,
  // `-E` appends the environment to the command of one's own processes.
  carries: (pid, variable) => one(pid, "-Eo")?.command.split(" ").includes(variable) ?? false,
  commandOf: (pid) => one(pid)?.command ?? "",
  memoryOf(pid) {
    const row = one(pid);
    return row === undefined ? undefined : { residentBytes: row.residentBytes, peakBytes: row.residentBytes };
  },
  signal: sendSignal,
};
