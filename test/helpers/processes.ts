import { readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface FoundProcess {
  pid: number;
  command: string;
}

/** Processes (Linux) whose environment, command line or working directory names this directory, ourselves left out. */
export function processesIn(dir: string): FoundProcess[] {
  const found: FoundProcess[] = [];
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const command = read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
    const belongs = read(`/proc/${pid}/environ`).includes(dir) || command.includes(dir) || cwdOf(pid).startsWith(dir);
    if (belongs && stateOf(pid) !== "Z") found.push({ pid, command });
  }
  return found;
}

/** True while the process exists and is not a zombie. */
export function isAlive(pid: number): boolean {
  const state = stateOf(pid);
  return state !== "" && state !== "Z" && state !== "X";
}

/** Ends everything `processesIn` finds; the last resort of a test that failed half-way. */
export function killProcessesIn(dir: string): void {
  for (const { pid } of processesIn(dir)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself between the look and the signal.
    }
  }
}

/** What a process (Linux) has had of the processors; undefined when it is gone. */
export function cpuSeconds(pid: number): number | undefined {
  const [user, system] = read(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, "")
    .split(" ")
    .slice(11, 13)
    .map(Number);
  return user === undefined || system === undefined ? undefined : (user + system) / TICKS_A_SECOND;
}

const TICKS_A_SECOND = 100;

const stateOf = (pid: number): string => /^State:\s+(\S)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? "";

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function cwdOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return "";
  }
}
