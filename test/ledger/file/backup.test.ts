import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, it } from "vitest";
import { acquireOwnership, RESTORED_AT_META, restoreLedger } from "../../../src/ledger/index.ts";
import { testDir } from "../../helpers/after-test.ts";
import { createTestLedger, newDelivery, newJob, newRun, type TestLedger } from "../../helpers/ledger.ts";
import { startChild } from "../fixtures/children.ts";

const NOW_MS = Date.UTC(2027, 0, 4, 12);

let stateDir: string;
let dir: string;
let test: TestLedger;
let file: string;

beforeEach(() => {
  stateDir = testDir("cc-backup-");
  dir = join(stateDir, "ledger");
  file = join(stateDir, "backups", "one.sqlite");
  test = createTestLedger({ dir });
  test.ledger.jobs.insert(newJob("kept"));
});

const restore = (from = file) => restoreLedger({ stateDir, dir, file: from, nowMs: NOW_MS });
const jobIds = (ledger: TestLedger["ledger"]): string[] =>
  ledger.jobs.list({ limit: 10, offset: 0, sortBy: "name" }).rows.map((job) => job.id);

describe("a backup", () => {
  it("is one private file that needs nothing beside it", async () => {
    await test.ledger.backup(file);
    expect(readdirSync(join(stateDir, "backups"))).toEqual(["one.sqlite"]);
    if (process.platform !== "win32") expect(statSync(file).mode & 0o777).toBe(0o600);
    const db = new DatabaseSync(file, { readOnly: true });
    expect(db.prepare("PRAGMA journal_mode").get()).toMatchObject({ journal_mode: "delete" });
    expect(db.prepare("SELECT id FROM jobs").all()).toMatchObject([{ id: "kept" }]);
    db.close();
  });

  it("taken while the ledger is written holds whole transactions only", async () => {
    const { ledger } = test;
    ledger.transaction(() => {
      for (let index = 0; index < 3_000; index += 1) ledger.jobs.insert(newJob(`filler-${index}`));
    });
    let pairs = 0;
    let done = false;
    const writing = (async () => {
      while (!done) {
        ledger.transaction(() => {
          ledger.runs.insert(newRun(`run-${pairs}`, "kept"));
          ledger.deliveries.insert(newDelivery(`delivery-${pairs}`, "l", { runId: `run-${pairs}` }));
        });
        pairs += 1;
        await new Promise((next) => setImmediate(next));
      }
    })();
    await ledger.backup(file);
    done = true;
    await writing;
    expect(pairs).toBeGreaterThan(1);
    const db = new DatabaseSync(file, { readOnly: true });
    const count = (table: string) => Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"]);
    expect(count("runs")).toBe(count("deliveries"));
    expect(count("jobs")).toBe(3_001);
    expect(db.prepare("PRAGMA integrity_check").get()).toMatchObject({ integrity_check: "ok" });
    db.close();
  });

  it("does not write over a file that is there", async () => {
    await test.ledger.backup(file);
    const before = readFileSync(file);
    await expect(test.ledger.backup(file)).rejects.toMatchObject({ code: "FILE_INVALID" });
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it("refuses a second one to the same name while it is being made", async () => {
    const both = await Promise.allSettled([
      test.ledger.backup(file),
      test.ledger.backup(join(stateDir, ".", file.slice(stateDir.length))),
    ]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect((both[1] as PromiseRejectedResult).reason).toMatchObject({ code: "FILE_INVALID" });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const db = new DatabaseSync(file, { readOnly: true });
    expect(db.prepare("SELECT count(*) AS n FROM jobs").get()?.["n"]).toBe(1);
    db.close();
  });

  it("that cannot be written leaves nothing behind", async () => {
    writeFileSync(join(stateDir, "backups"), "a file, not a directory");
    await expect(test.ledger.backup(file)).rejects.toMatchObject({
      code: expect.stringMatching(/STATE_UNWRITABLE|LEDGER_UNAVAILABLE/),
    });
    expect(readdirSync(stateDir).sort()).toEqual(["backups", "ledger"]);
    await test.ledger.backup(join(stateDir, "two.sqlite"));
  });
});

describe("a restore", () => {
  beforeEach(async () => {
    await test.ledger.backup(file);
    test.ledger.jobs.insert(newJob("later"));
  });

  it("puts the backup in place, keeps what was there, and says when it happened", () => {
    test.ledger.close();
    const { restored, replaced } = restore();
    expect(restored).toBe(join(dir, "ledger.sqlite"));
    expect(replaced).toBe(join(dir, "ledger.replaced-2027-01-04T120000.000Z.sqlite"));
    const ledger = test.reopen();
    expect(jobIds(ledger)).toEqual(["kept"]);
    expect(ledger.getMeta(RESTORED_AT_META)).toBe(String(NOW_MS));
    expect(ledger.check()).toEqual([]);
    if (process.platform !== "win32") expect(statSync(ledger.path).mode & 0o777).toBe(0o600);

    ledger.close();
    restoreLedger({ stateDir, dir, file: replaced ?? "", nowMs: NOW_MS + 1_000 });
    expect(jobIds(test.reopen()), "the replaced ledger was whole").toEqual(["kept", "later"]);
  });

  it("makes a ledger where there is none", () => {
    test.ledger.close();
    rmSync(dir, { recursive: true });
    expect(restore()).toEqual({ restored: join(dir, "ledger.sqlite") });
    expect(jobIds(test.reopen())).toEqual(["kept"]);
  });

  it("takes nothing of a log that a lost ledger has left behind, and keeps it", () => {
    const path = join(dir, "ledger.sqlite");
    copyFileSync(`${path}-wal`, join(stateDir, "left"));
    test.ledger.close();
    rmSync(path);
    copyFileSync(join(stateDir, "left"), `${path}-wal`);
    expect(() => test.reopen()).toThrow(expect.objectContaining({ code: "LEDGER_CORRUPT" }));
    expect(restore()).toEqual({ restored: path });
    expect(jobIds(test.reopen())).toEqual(["kept"]);
    expect(test.ledger.check()).toEqual([]);
    const kept = readFileSync(join(dir, "ledger.replaced-2027-01-04T120000.000Z.sqlite-wal"));
    expect(kept.equals(readFileSync(join(stateDir, "left")))).toBe(true);
  });

  it("replaces a ledger that is damaged, and keeps the pieces", () => {
    test.ledger.close();
    writeFileSync(join(dir, "ledger.sqlite"), "broken ".repeat(2_000));
    writeFileSync(join(dir, "ledger.sqlite-wal"), "frames");
    const { replaced = "" } = restore();
    expect(readFileSync(replaced, "utf8")).toMatch(/^broken/);
    expect(readFileSync(`${replaced}-wal`, "utf8")).toBe("frames");
    expect(jobIds(test.reopen())).toEqual(["kept"]);
  });

  it("takes a plain copy of a ledger together with its log", () => {
    const copy = join(stateDir, "copy.sqlite");
    copyFileSync(join(dir, "ledger.sqlite"), copy);
    copyFileSync(join(dir, "ledger.sqlite-wal"), `${copy}-wal`);
    test.ledger.close();
    const before = readFileSync(`${copy}-wal`);
    restore(copy);
    expect(jobIds(test.reopen())).toEqual(["kept", "later"]);
    expect(readFileSync(`${copy}-wal`).equals(before), "the copy is not touched").toBe(true);
  });

  it("is refused while a gateway owns the state, and changes nothing", async () => {
    const ownership = acquireOwnership(stateDir);
    expect(() => restore()).toThrow(expect.objectContaining({ code: "STATE_OWNED" }));
    ownership.giveUp();
    const owner = startChild("hold-owner.ts", [stateDir]);
    try {
      expect(await owner.line()).toBe("held");
      const details = expect.objectContaining({ pid: owner.process.pid });
      expect(() => restore()).toThrow(expect.objectContaining({ code: "STATE_OWNED", details }));
    } finally {
      await owner.kill();
    }
    expect(jobIds(test.reopen())).toEqual(["kept", "later"]);
  });

  it.each<[string, string, (from: string) => void]>([
    ["is missing", "FILE_INVALID", (from) => rmSync(from)],
    ["is not a database", "FILE_INVALID", (from) => writeFileSync(from, "text ".repeat(2_000))],
    ["is empty", "FILE_INVALID", (from) => writeFileSync(from, "")],
    ["is cut off", "FILE_INVALID", (from) => writeFileSync(from, readFileSync(from).subarray(0, 30_000))],
    ["is another program's", "FILE_INVALID", (from) => sql(from, "PRAGMA application_id = 7")],
    [
      "breaks a promise of ours",
      "FILE_INVALID",
      (from) => sql(from, "UPDATE counters SET value = 40 WHERE name = 'runs'"),
    ],
    ["comes from a newer release", "LEDGER_TOO_NEW", (from) => sql(from, "PRAGMA user_version = 99")],
  ])("of a file that %s is refused and changes nothing", (_, code, damage) => {
    test.ledger.close();
    damage(file);
    const before = readdirSync(dir);
    expect(() => restore()).toThrow(expect.objectContaining({ code }));
    expect(readdirSync(dir)).toEqual(before);
    expect(existsSync(join(stateDir, "owner.json"))).toBe(false);
    expect(jobIds(test.reopen())).toEqual(["kept", "later"]);
  });
});

function sql(path: string, text: string): void {
  const db = new DatabaseSync(path);
  db.exec(text);
  db.close();
}
