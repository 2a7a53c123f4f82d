import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { zoneFinding } from "../../../src/engine/care/index.ts";
import { CALLER, startTestEngine, type TestEngine } from "../../helpers/engine.ts";

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine();
});

const nextOf = (id: string) => new Date(test.engine.getJob(id).state.nextRunAtMs ?? 0).toISOString();
const nightly = (tz?: string) => ({ kind: "cron" as const, expr: "0 3 * * *", ...(tz === undefined ? {} : { tz }) });

describe("a host whose zone has changed between two starts", () => {
  it("runs jobs without a zone of their own by its new one; the others stay", async () => {
    test.runner.auto = true;
    const hosts = await test.add({ name: "hosts", schedule: nightly() });
    const own = await test.add({ name: "own", schedule: nightly("UTC") });
    const interval = await test.add({ name: "interval", schedule: { kind: "every", everyMs: 3_600_000 } });
    const before = [own, interval].map(nextOf);
    await test.restart({ hostTz: "Asia/Tokyo" });
    expect(nextOf(hosts)).toBe("2027-01-04T18:00:00.000Z");
    expect([own, interval].map(nextOf)).toEqual(before);
    expect(test.engine.next({ id: hosts }, 1).instants[0]?.utc).toBe(nextOf(hosts));
    await test.clock.advance(6 * 3_600_000 + 1_000);
    const { entries } = test.engine.runs({ jobId: hosts, limit: 9, offset: 0 });
    expect(entries.map((run) => new Date(run.scheduledForMs ?? 0).toISOString())).toEqual(["2027-01-04T18:00:00.000Z"]);
  });

  it("does so for new zone data, and leaves a disabled job without a next run", async () => {
    const id = await test.add({ schedule: nightly() });
    const off = await test.add({ name: "off", schedule: nightly() });
    await test.engine.updateJob(off, { enabled: false }, CALLER);
    test.engine.inside.ledger.jobs.patchState(id, { nextDueMs: test.clock.nowMs() + 12_345 });
    await test.restart();
    expect(nextOf(id)).toBe("2027-01-04T12:00:12.345Z");
    await test.restart({ tzVersion: "2099z" });
    expect(nextOf(id)).toBe("2027-01-05T03:00:00.000Z");
    expect(test.engine.getJob(off).state.nextRunAtMs).toBeUndefined();
  });
});

describe("the look at the host's zone data", () => {
  const finding = (own: string, first: string) => {
    const file = join(test.stateDir, "tzdata.zi");
    writeFileSync(file, `${first}\n# comment\n`);
    return zoneFinding(test.engine.inside.ledger, { own, file });
  };

  it("names the jobs in a zone when the host's is newer than ours", async () => {
    await test.add({ name: "Winnipeg", schedule: nightly("America/Winnipeg") });
    await test.add({ name: "universal", schedule: nightly("UTC") });
    await test.add({ name: "interval" });
    expect(await finding("2026c", "# version 2026f")).toMatchObject({
      level: "warn",
      detail: expect.stringMatching(/2026c.*2026f.*: Winnipeg$/),
      action: expect.stringContaining("newer Node"),
    });
    for (const version of ["# version 2026c", "# version 2025b", "anything"]) {
      expect(await finding("2026c", version)).toMatchObject({ level: "ok" });
    }
    expect(await zoneFinding(test.engine.inside.ledger, { own: "2026c", file: "/nowhere" })).toMatchObject({
      level: "ok",
    });
  });
});
