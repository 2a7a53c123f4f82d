import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

type Fields = Record<string, unknown>;

/** What the outside is like at each look: it stays so until a later look says otherwise. */
export type Story = Record<number, Fields>;

const running = (more: Fields = {}): Fields => ({ running: true, completed: false, ...more });
const stopped = (stopReason: string): Fields => ({ running: false, completed: false, stopReason });

interface Told {
  story: Story;
  policy?: Fields;
  risk?: string;
  /** A line of sh that starts it again. */
  start?: string;
  commands?: Fields;
}

/** The long-running jobs of the file, by name: what they look after and what becomes of it in ten looks. */
export const LONG: Record<string, Told> = {
  reports: {
    policy: { reportEverySeconds: 150 },
    story: { 1: running({ progress: { done: 1 } }), 3: running({ progress: { done: 2 } }) },
  },
  order: { story: { 1: running({ progress: { a: 1, b: 2 } }), 2: running({ progress: { b: 2, a: 1 } }) } },
  fields: {
    story: {
      1: running({
        ...{ pid: 4711, stopReason: 7, progressKey: 5, level: "loud", message: "m".repeat(2_000) },
        progress: Object.fromEntries([..."jihgfedcba"].map((key, n) => [key, key === "a" ? { deep: 1 } : n])),
      }),
      5: running({ level: "warn", message: "queue is full", pid: -1 }),
    },
  },
  contract: { story: { 1: { running: 1, completed: false }, 4: running() } },
  broken: {
    story: { 1: running() },
    commands: { status: ["sh", "-c", "echo one >&2; echo no such host >&2; exit 1"] },
  },
  stall: {
    policy: { stallSeconds: 150 },
    story: { 1: running({ progressKey: "3/9" }), 7: running({ progressKey: "4/9" }) },
  },
  again: { story: { 1: running(), 3: stopped("killed"), 5: running(), 7: stopped("killed") } },
  same: { policy: { reportEverySeconds: 900 }, story: { 1: stopped("killed"), 6: stopped("out of memory") } },
  done: { story: { 1: running(), 3: { running: false, completed: true, message: "all of it" } } },
  quiet: {
    story: { 1: running({ progress: { done: 1 } }), 3: running({ progress: { done: 2 } }), 5: stopped("killed") },
  },
  "resumes well": {
    policy: { autoResume: true, autoResumeBackoffSeconds: 300 },
    start: 'echo \'{"running":true,"completed":false}\' >"$0"',
    story: { 1: stopped("killed"), 3: stopped("killed") },
  },
  "resumes with an exit code": { policy: { autoResume: true }, start: "exit 3", story: { 1: stopped("killed") } },
  "resumes too slowly": { policy: { autoResume: true }, start: "sleep 300", story: { 1: stopped("killed") } },
  "resumes with nothing": {
    policy: { autoResume: true },
    commands: { start: ["/nowhere/start"] },
    story: { 1: stopped("killed") },
  },
  risky: { policy: { autoResume: true }, risk: "write_local", start: "true", story: { 1: stopped("killed") } },
};

export const LOOKS = 10;

/** An `ops-jobs.json` and the outside that its commands tell of, in files of one directory. */
export function opsWorld(dir: string) {
  mkdirSync(dir, { recursive: true });
  const stateOf = (name: string): string => join(dir, `${name.replaceAll(" ", "-")}.json`);
  const say = (path: string, text: string): void => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  const disk = join(dir, "disk.txt");
  const jobs = [
    ...Object.entries(LONG).map(([name, { policy = {}, risk = "read_only", start = "true", commands = {} }]) => ({
      id: name.replaceAll(" ", "-"),
      name,
      kind: "long_running_read",
      risk,
      enabled: true,
      cwd: dir,
      policy: { reportEverySeconds: 3_600, ...policy },
      commands: { status: ["cat", stateOf(name)], start: ["sh", "-c", start, stateOf(name)], ...commands },
    })),
    {
      ...{ id: "disk", name: "disk", kind: "one_shot_read", risk: "read_only", enabled: true, cwd: dir },
      commands: { run: ["cat", disk] },
    },
  ];
  return {
    file: { version: 1, jobs },
    /** The outside as it is at this look. */
    at(look: number): void {
      for (const [name, { story }] of Object.entries(LONG)) {
        const now = story[look];
        if (now !== undefined) say(stateOf(name), JSON.stringify(now));
      }
    },
    printed: (text: string): void => say(disk, text),
  };
}
