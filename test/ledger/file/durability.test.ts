import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/kernel/clock.ts";
import { createDurability } from "../../../src/ledger/file/durability.ts";
import { openDatabase } from "../../../src/ledger/sql/database.ts";
import { testDir } from "../../helpers/after-test.ts";

let dir: string;
let syncs: number;
/** How many commits there were when each sync began. */
let seen: number[];
let failure: Error | undefined;
/** What a sync waits for. */
let held: Promise<void> | undefined;
let made: ReturnType<typeof make>;

function make() {
  const path = join(dir, "a.sqlite");
  const faults = {
    at(point: string) {
      if (point !== "sync") return;
      syncs += 1;
      seen.push(db.commits());
      if (failure !== undefined) throw failure;
      return held;
    },
  };
  const db = openDatabase(path, faults);
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE IF NOT EXISTS t (n INTEGER)");
  return { path, db, durability: createDurability({ db, path, clock: systemClock, faults }) };
}

beforeEach(() => {
  dir = testDir("cc-durable-");
  syncs = 0;
  seen = [];
  failure = undefined;
  held = undefined;
  made = make();
});
afterEach(() => {
  made.durability.close();
  made.db.close();
});

const insert = (n: number) => made.db.run("INSERT INTO t VALUES (?)", n);

describe("durable", () => {
  it("syncs once for all who ask in the same turn, and not at all when nothing is new", async () => {
    insert(1);
    await Promise.all(Array.from({ length: 100 }, () => made.durability.durable()));
    expect(syncs).toBe(1);
    const before = syncs;
    await made.durability.durable();
    expect(syncs).toBe(before);
    insert(2);
    await made.durability.durable();
    expect(syncs).toBe(before + 1);
  });

  it("does not take a sync that began before the commit for its own", async () => {
    insert(1);
    const first = made.durability.durable();
    insert(2);
    const second = made.durability.durable();
    const third = made.durability.durable();
    await Promise.all([first, second, third]);
    expect(seen, "commits at each sync").toEqual([1, 2]);
  });

  it("is believed where the ledger was closed meanwhile, which removes the log", async () => {
    const gate = Promise.withResolvers<void>();
    insert(1);
    held = gate.promise;
    const first = made.durability.durable();
    insert(2);
    const second = made.durability.durable();
    made.db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    made.durability.close();
    made.db.close();
    gate.resolve();
    expect(await Promise.all([first, second])).toEqual([undefined, undefined]);
    made = make();
  });

  it("is not believed while the file is not where it was, and again once it is back", async () => {
    insert(1);
    await made.durability.durable();
    const away = `${dir}.away`;
    renameSync(dir, away);
    insert(2);
    const moved = { code: "LEDGER_UNAVAILABLE", message: expect.stringContaining("was moved, removed or replaced") };
    await expect(made.durability.durable()).rejects.toMatchObject(moved);
    mkdirSync(dir);
    writeFileSync(join(dir, "a.sqlite-wal"), "another");
    await expect(made.durability.durable()).rejects.toMatchObject(moved);
    rmSync(dir, { recursive: true });
    renameSync(away, dir);
    await made.durability.durable();
  });

  it("tells each caller of the sync that was its own", async () => {
    insert(1);
    const first = made.durability.durable();
    insert(2);
    failure = Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" });
    const second = made.durability.durable();
    await expect(second).rejects.toMatchObject({ code: "LEDGER_UNAVAILABLE" });
    await first;
    failure = undefined;
    await made.durability.durable();
  });

  it("counts single writes and transactions, not reads or transactions undone", async () => {
    await made.durability.durable();
    const before = syncs;
    made.db.get("SELECT * FROM t");
    expect(() =>
      made.db.transaction(() => {
        insert(1);
        throw new Error("undone");
      }),
    ).toThrow("undone");
    await made.durability.durable();
    expect(syncs).toBe(before);
  });

  it("syncs on the first call what an earlier process may have left in the log", async () => {
    await made.durability.durable();
    expect(syncs).toBe(1);
  });

  it("does not mind a checkpoint between commit and sync", async () => {
    insert(1);
    made.db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    insert(2);
    const waiting = made.durability.durable();
    made.db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    await waiting;
    const reader = new DatabaseSync(made.path, { readOnly: true });
    expect(reader.prepare("SELECT count(*) AS n FROM t").get()).toMatchObject({ n: 2 });
    reader.close();
  });

  it("says when a sync fails, and writes everything once more before it says yes again", async () => {
    insert(1);
    failure = Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" });
    const [one, two] = await Promise.allSettled([made.durability.durable(), made.durability.durable()]);
    for (const answer of [one, two]) {
      expect(answer).toMatchObject({ status: "rejected", reason: { code: "LEDGER_UNAVAILABLE", retryable: true } });
    }
    failure = undefined;
    expect(logFrames()).toBeGreaterThan(0);
    await made.durability.durable();
    expect(logFrames(), "folded into the database").toBe(0);
  });

  it("may be closed while a sync is under way", async () => {
    insert(1);
    const waiting = made.durability.durable();
    made.durability.close();
    await expect(waiting).resolves.toBeUndefined();
    expect(syncs).toBe(1);
  });
});

const logFrames = (): number => Number(made.db.get("PRAGMA wal_checkpoint(PASSIVE)")?.["log"]);
