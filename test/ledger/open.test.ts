import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, it } from "vitest";
import type { CommandCronError } from "../../src/kernel/errors.ts";
import { testDir } from "../helpers/after-test.ts";
import { createTestLedger, definition, newJob, newRun } from "../helpers/ledger.ts";
import { startChild } from "./fixtures/children.ts";

let base: string;
let dir: string;
let path: string;

beforeEach(() => {
  base = testDir("cc-open-");
  dir = join(base, "command-cron", "ledger");
  path = join(dir, "ledger.sqlite");
});

const posix = it.skipIf(process.platform === "win32");

/** Opens and closes; answers the error's code, or undefined. */
function opening(): CommandCronError | undefined {
  try {
    createTestLedger({ dir }).ledger.close();
    return undefined;
  } catch (error) {
    return error as CommandCronError;
  }
}

function fill(): void {
  const { ledger } = createTestLedger({ dir });
  ledger.transaction(() => {
    for (let index = 0; index < 2_000; index += 1) {
      ledger.jobs.insert(newJob(`job-${index}`, { nextDueMs: index }));
      ledger.runs.insert(newRun(`run-${index}`, `job-${index}`));
    }
  });
  ledger.close();
}

describe("opening a ledger", () => {
  it("makes it when there is none, and finds it again", () => {
    const { ledger } = createTestLedger({ dir });
    expect(ledger.path).toBe(path);
    ledger.jobs.insert(newJob("j"));
    ledger.close();
    const again = createTestLedger({ dir });
    expect(again.ledger.jobs.get("j")).toBeDefined();
    expect(again.ledger.check()).toEqual([]);
    again.ledger.close();
    expect(readdirSync(dir)).toEqual(["ledger.sqlite"]);
  });

  posix("makes everything private whatever the umask says, and narrows what is not", () => {
    const before = process.umask(0);
    try {
      const { ledger } = createTestLedger({ dir });
      ledger.jobs.insert(newJob("j"));
      for (const suffix of ["", "-wal", "-shm"]) expect(statSync(path + suffix).mode & 0o777, suffix).toBe(0o600);
      expect(statSync(dir).mode & 0o777).toBe(0o700);
      ledger.close();
      chmodSync(path, 0o644);
      chmodSync(dir, 0o755);
      expect(opening()).toBeUndefined();
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(statSync(dir).mode & 0o777).toBe(0o700);
    } finally {
      process.umask(before);
    }
  });

  it("writes ahead to a log that is cut back by a checkpoint", () => {
    const { ledger } = createTestLedger({ dir });
    ledger.transaction(() => {
      for (let index = 0; index < 500; index += 1) ledger.jobs.insert(newJob(`job-${index}`));
    });
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(100_000);
    ledger.checkpoint();
    expect(statSync(`${path}-wal`).size).toBe(0);
    expect(ledger.jobs.count().total).toBe(500);
    ledger.close();
  });

  it("keeps the log bounded under steady writing", () => {
    const { ledger } = createTestLedger({ dir });
    for (let index = 0; index < 6_000; index += 1) ledger.setMeta(`key-${index}`, "x".repeat(2_000));
    expect(statSync(`${path}-wal`).size).toBeLessThan(6 * 1_048_576);
    ledger.close();
  });
});

describe("a ledger that cannot be opened", () => {
  it("because a newer release wrote it is left alone", () => {
    fill();
    const db = new DatabaseSync(path);
    db.exec("PRAGMA user_version = 9");
    db.close();
    const before = readFileSync(path);
    expect(opening()).toMatchObject({ code: "LEDGER_TOO_NEW", details: { version: 9 } });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it.each<[string, () => void]>([
    ["is not a database", () => writeFileSync(path, "hello ".repeat(5_000))],
    ["was cut off", () => truncateSync(path, 3 * 4_096 + 100)],
    ["is empty", () => truncateSync(path, 0)],
    ["has overwritten pages", () => scribble(4_096, 64 * 4_096)],
    ["has one overwritten page of jobs", () => scribble(pageOf("jobs") * 4_096 - 4_096, 4_096)],
    ["is another program's database", () => otherDatabase()],
  ])("because it %s is reported as corrupt and stays where it is", (_, damage) => {
    fill();
    rmSync(`${path}-wal`, { force: true });
    damage();
    const before = readFileSync(path);
    const error = opening();
    expect(error?.code).toBe("LEDGER_CORRUPT");
    expect(error?.message).toContain("restore");
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it("because only its write-ahead log is left is not replaced by an empty one", () => {
    mkdirSync(dir, { recursive: true });
    writeFileSync(`${path}-wal`, "frames");
    expect(opening()?.code).toBe("LEDGER_CORRUPT");
    expect(existsSync(path)).toBe(false);
    expect(readFileSync(`${path}-wal`, "utf8")).toBe("frames");
  });

  it("because the directory is a file says so", () => {
    writeFileSync(join(base, "command-cron"), "");
    expect(opening()).toMatchObject({ code: "STATE_UNWRITABLE", message: expect.stringContaining("ENOTDIR") });
  });

  it.skipIf(process.getuid?.() !== 0)("because another user owns the directory says so", async () => {
    chmodSync(base, 0o755);
    mkdirSync(dir, { recursive: true });
    const answer = await startChild("open-once.ts", [dir], { uid: 65_534 }).line();
    expect(answer).toMatch(/^STATE_UNWRITABLE .*(EPERM|EACCES)/);
  });

  it("leaves no half-made ledger behind: one that was never finished is made anew", () => {
    fill();
    rmSync(path);
    writeFileSync(`${path}.new`, "half");
    expect(opening()).toBeUndefined();
    expect(readdirSync(dir)).toEqual(["ledger.sqlite"]);
  });
});

function scribble(from: number, bytes: number): void {
  const file = readFileSync(path);
  file.fill(0xa5, from, Math.min(file.length, from + bytes));
  writeFileSync(path, file);
}

function pageOf(table: string): number {
  const db = new DatabaseSync(path, { readOnly: true });
  const row = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?").get(table);
  db.close();
  return Number(row?.["rootpage"]);
}

function otherDatabase(): void {
  const other = join(base, "other.sqlite");
  const db = new DatabaseSync(other);
  db.exec("CREATE TABLE notes (text)");
  db.close();
  copyFileSync(other, path);
}

describe("what was removed", () => {
  it("is not in the file any more, neither a job's environment nor a run's words", () => {
    const test = createTestLedger({ dir });
    const { jobs, runs } = test.ledger;
    const env = { TOKEN: "needle-of-a-job ".repeat(600) };
    jobs.insert(newJob("a", { definition: definition({ payload: { kind: "command", argv: ["true"], env } }) }));
    runs.insert(newRun("r", "a"));
    runs.begin("r", 1);
    runs.settle("r", { status: "failed", endedAtMs: 1, deliveryStatus: "not-requested", error: "needle-of-a-run" });
    test.ledger.checkpoint();
    const found = () => readFileSync(path, "latin1").match(/needle-of-a-(job|run)/g)?.length ?? 0;
    expect(found()).toBeGreaterThan(500);
    jobs.remove("a");
    test.ledger.prune({ nowMs: 90 * 86_400_000, days: 1, runsPerJob: 1, budget: 10 });
    test.ledger.checkpoint();
    expect(found()).toBe(0);
    test.ledger.close();
  });
});
