import { execFile } from "node:child_process";
import { promisify } from "node:util";
import treeKill from "tree-kill";
import type { Cleanup } from "../../../schema/wire/run.ts";
import { sendSignal } from "./table.ts";
import type { ProcessTree } from "./tree.ts";

const LIST_MAX_MS = 5_000;
const run = promisify(execFile);

/** Ways to list processes as `pid ppid` lines; which of them exist depends on the Windows version. */
const LISTS: readonly [string, string[]][] = [
  [
    "powershell",
    ["-NoProfile", "-Command", 'Get-CimInstance Win32_Process|%{"$($_.ProcessId) $($_.ParentProcessId)"}'],
  ],
  ["wmic", ["process", "get", "ParentProcessId,ProcessId", "/format:csv"]],
];

/** All descendants of a process, deepest last; empty when nothing can list them. */
async function descendantsOf(pid: number): Promise<number[]> {
  for (const [program, args] of LISTS) {
    try {
      const { stdout } = await run(program, args, { timeout: LIST_MAX_MS, windowsHide: true });
      return below(pid, parsePairs(stdout, program === "wmic"));
    } catch {
      // Not on this system: the next way.
    }
  }
  return [];
}

function parsePairs(text: string, parentFirst: boolean): { pid: number; ppid: number }[] {
  return [...text.matchAll(/(\d+)[ ,](\d+)\s*$/gm)].map(([, a, b]) =>
    parentFirst ? { pid: Number(b), ppid: Number(a) } : { pid: Number(a), ppid: Number(b) },
  );
}

function below(root: number, rows: readonly { pid: number; ppid: number }[]): number[] {
  const found = [root];
  for (const parent of found) {
    found.push(...rows.filter((row) => row.ppid === parent && !found.includes(row.pid)).map((row) => row.pid));
  }
  return found.slice(1);
}

/** Windows has no groups and no signals: `taskkill /T /F` on the tree, else every child that can be listed. */
export function createWindowsTree(rootPid: number): ProcessTree {
  const method: string[] = [];
  let ended = 0;
  let left: Cleanup["left"] = [];
  let rootGone = false;

  const taskkill = (): Promise<boolean> =>
    new Promise((resolve) => {
      treeKill(rootPid, "SIGKILL", (error) => resolve(error === undefined || error === null));
    });

  return {
    rootEnded() {
      rootGone = true;
    },
    observe: async () => [],
    // The pids of children outlive their parent only in the parent column, which may name a stranger by now.
    countLeftovers: async () => 0,
    async noteLeftovers() {},
    async end() {
      if (rootGone) return;
      const pids = [rootPid, ...(await descendantsOf(rootPid))];
      ended = pids.length;
      if (await taskkill()) {
        method.push("taskkill");
        return;
      }
      method.push("descent");
      for (const pid of pids.toReversed()) sendSignal(pid, "SIGKILL");
      left = pids.filter((pid) => pid !== rootPid && sendSignal(pid, 0)).map((pid) => ({ pid, command: "" }));
      ended -= left.length;
    },
    statement: () => ({ method, found: ended + left.length, ended, left }),
  };
}
