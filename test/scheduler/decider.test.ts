import { beforeEach, describe, expect, it } from "vitest";
import { createEvents } from "../../src/kernel/events.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import type { NewJob, NewRun } from "../../src/ledger/types.ts";
import { createDecider, type Decider } from "../../src/scheduler/decider.ts";
import { createTestLedger, definition, newJob, newRun, type TestLedger } from "../helpers/ledger.ts";

const MINUTE = 60_000;

let test: TestLedger;
let decider: Decider;
let canceled: string[][];
let broken: [string, string][];
let passed: NewRun[];
let startMs: number;

beforeEach(() => {
  test = createTestLedger();
  startMs = test.clock.nowMs();
  [canceled, broken, passed] = [[], [], []];
  decider = createDecider({
    ledger: test.ledger,
    clock: test.clock,
    events: createEvents(silentLogger),
    eachNode: () => undefined,
    hostTz: "UTC",
    onBroken: (job, reason) => broken.push([job.id, reason]),
    decided: () => {},
    passedOver: (_, row) => passed.push(row),
    cancelRuns: (ids) => canceled.push(ids),
  });
});

function add(id: string, change: Partial<NewJob> = {}): void {
  test.ledger.jobs.insert(newJob(id, { cursorMs: startMs, nextDueMs: startMs + MINUTE, ...change }));
}

const runsOf = (jobId: string) =>
  test.ledger.runs
    .list({ jobId, limit: 100, offset: 0 })
    .rows.map(({ status, scheduledForMs, reason, covers }) => ({ status, at: scheduledForMs, reason, covers }))
    .reverse();

describe("one step", () => {
  it("writes a run for what is due and moves the cursor with it", () => {
    add("a", { definition: definition({ schedule: { kind: "every", everyMs: MINUTE, anchorMs: startMs } }) });
    expect(decider.step(startMs + MINUTE)).toBe(false);
    expect(runsOf("a")).toMatchObject([{ status: "queued", at: startMs + MINUTE }]);
    expect(test.ledger.jobs.get("a")).toMatchObject({
      cursorMs: startMs + MINUTE,
      nextDueMs: startMs + 2 * MINUTE,
    });
  });

  it("has nothing to do before the first instant", () => {
    add("a");
    expect(decider.step(startMs + MINUTE - 1)).toBe(false);
    expect(runsOf("a")).toEqual([]);
  });

  it("takes ten jobs and says that more are due", () => {
    for (let index = 0; index < 12; index += 1) add(`j${index}`);
    expect(decider.step(startMs + MINUTE)).toBe(true);
    expect(test.ledger.jobs.due(startMs + MINUTE, 100)).toHaveLength(2);
    expect(decider.step(startMs + MINUTE)).toBe(false);
    expect(test.ledger.jobs.due(startMs + MINUTE, 100)).toHaveLength(0);
  });

  it("leaves alone the job that cannot be decided, and names it", () => {
    const atlantis = definition({ schedule: { kind: "cron", expr: "0 3 * * *", tz: "Europe/Atlantis" } });
    add("bad", { definition: atlantis });
    add("good");
    decider.step(startMs + MINUTE);
    expect(broken).toMatchObject([["bad", expect.stringContaining("time zone")]]);
    expect(test.ledger.jobs.get("bad")?.nextDueMs).toBeUndefined();
    expect(runsOf("good")).toMatchObject([{ status: "queued" }]);
  });

  it("forgets the instant of a job that was switched off meanwhile", () => {
    add("off", { enabled: false });
    decider.step(startMs + MINUTE);
    expect(runsOf("off")).toEqual([]);
    expect(test.ledger.jobs.get("off")?.nextDueMs).toBeUndefined();
  });
});

describe("what is in the way", () => {
  const running = (jobId: string): void => {
    test.ledger.runs.insert(newRun("busy", jobId));
    test.ledger.runs.begin("busy", startMs);
  };

  it("skips an occurrence while a run goes on, and tells why", () => {
    add("a", { definition: definition({ policy: { overlap: "skip" } }) });
    running("a");
    decider.step(startMs + MINUTE);
    expect(runsOf("a").at(-1)).toMatchObject({ status: "skipped", reason: "overlap" });
    expect(passed).toHaveLength(1);
    expect(test.ledger.jobs.get("a")?.consecutiveSkipped).toBe(1);
  });

  it("ends the other run first where the policy says so, once the new one is on disk", () => {
    add("a", { definition: definition({ policy: { overlap: "cancel_other" } }) });
    running("a");
    decider.step(startMs + MINUTE);
    expect(canceled).toEqual([["busy"]]);
    expect(runsOf("a").filter(({ status }) => status === "queued")).toHaveLength(1);
  });

  it("keeps the status of a failing job while its instants are passed over", () => {
    add("a");
    test.ledger.jobs.patchState("a", { lastStatus: "error", backoffUntilMs: startMs + 10 * MINUTE });
    decider.step(startMs + MINUTE);
    expect(runsOf("a")).toMatchObject([{ status: "skipped", reason: "backoff" }]);
    expect(test.ledger.jobs.get("a")?.lastStatus).toBe("error");
  });

  it("lets a one-shot wait instead of passing it over", () => {
    const at = new Date(startMs + MINUTE).toISOString();
    add("once", { definition: definition({ schedule: { kind: "at", at } }) });
    running("once");
    decider.step(startMs + MINUTE);
    expect(runsOf("once").map(({ status }) => status)).toContain("queued");
  });
});

describe("a clock that went back", () => {
  it("takes back what was only recorded, and goes on from what the clock has shown since", () => {
    add("a", { definition: definition({ policy: { misfire: { mode: "run_once" } } }) });
    const wrongMs = startMs + 3 * 24 * 60 * MINUTE;
    decider.step(wrongMs);
    expect(test.ledger.jobs.get("a")?.cursorMs).toBe(wrongMs);
    expect(decider.bringBack(startMs + 90_000, startMs + 70_000)).toBe(false);
    expect(test.ledger.jobs.get("a")?.cursorMs).toBeLessThanOrEqual(startMs + 70_000);
    expect(runsOf("a").filter(({ status }) => status === "missed")).toEqual([]);
  });

  it("leaves a cursor that is ahead by less than a minute", () => {
    add("a", { cursorMs: startMs + 30_000 });
    decider.bringBack(startMs, startMs);
    expect(test.ledger.jobs.get("a")?.cursorMs).toBe(startMs + 30_000);
  });
});
