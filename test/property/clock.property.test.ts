import { expect, it } from "vitest";
import type { Schedule } from "../../schema/wire/schedule.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../src/kernel/durations.ts";
import { compileSchedule, occurrencesBetween } from "../../src/policy/time/index.ts";
import { settle } from "../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";
import fc from "../helpers/fc.ts";

const YEAR_MS = 365 * DAY_MS;
/** The scheduler notices a clock within its longest sleep. */
const NOTICED_MS = 31 * SECOND_MS;

const schedule: fc.Arbitrary<Schedule> = fc.oneof(
  fc.constantFrom(17, 60, 600, 3_600).map((seconds) => ({ kind: "every" as const, everyMs: seconds * SECOND_MS })),
  fc
    .constantFrom("* * * * *", "*/7 * * * *", "0 * * * *", "30 3 * * *", "*/20 * * * * *")
    .map((expr) => ({ kind: "cron" as const, expr, tz: "Europe/Berlin" })),
);

const move = fc.oneof(
  fc.integer({ min: -3 * HOUR_MS, max: 3 * HOUR_MS }),
  fc.constantFrom(2, 30, 72).map((years) => years * YEAR_MS),
  fc.integer({ min: -40 * DAY_MS, max: 40 * DAY_MS }),
);

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.integer({ min: 1, max: 20 * MINUTE_MS }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("move" as const),
      ms: move,
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "right" as const }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("edit" as const), schedule }) },
  { weight: 1, arbitrary: fc.constant({ kind: "toggle" as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const), awayMs: move }) },
);

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** One job under a clock that is moved about, and what a person who watches it would note. */
async function play(first: Schedule, steps: readonly Step[]): Promise<void> {
  const test = await startTestEngine();
  const started: string[] = [];
  const watch = () =>
    test.engine.events.on("run-started", ({ runId, attempt }) => {
      const { scheduledForMs } = test.engine.getRun(runId);
      if (attempt === 1) started.push(String(scheduledForMs));
    });
  try {
    test.runner.auto = true;
    watch();
    const id = await test.add({ schedule: first, policy: { misfire: { mode: "run_all", max: 3 } } });
    const { createdAtMs } = test.engine.getJob(id);
    let current = first;
    /** The earliest time the clock has shown since these words hold: from there on every instant has its record. */
    let sinceMs = createdAtMs;
    /** What the clock would show had nobody moved it. */
    let offMs = 0;
    const moveBy = (ms: number) => {
      // Never before the epoch.
      const byMs = Math.max(ms, createdAtMs / 2 - test.clock.nowMs());
      offMs += byMs;
      test.clock.setWall(test.clock.nowMs() + byMs);
      // A cursor that is ahead by less than a minute is caught up with.
      if (byMs < -MINUTE_MS) sinceMs = Math.min(sinceMs, test.clock.nowMs());
    };
    for (const one of steps) {
      switch (one.kind) {
        case "pass":
          await test.clock.advance(one.ms);
          break;
        case "move":
        case "right":
          moveBy(one.kind === "right" ? -offMs : one.ms);
          await test.clock.advance(NOTICED_MS);
          break;
        case "edit":
          await test.engine.updateJob(id, { schedule: one.schedule, enabled: true }, CALLER);
          current = one.schedule;
          sinceMs = test.clock.nowMs();
          break;
        case "toggle":
          await test.engine.updateJob(id, { enabled: false }, CALLER);
          await test.clock.advance(MINUTE_MS);
          await test.engine.updateJob(id, { enabled: true }, CALLER);
          sinceMs = test.clock.nowMs();
          break;
        case "restart":
          await test.engine.stop();
          moveBy(one.awayMs);
          await test.restart();
          watch();
          await test.clock.advance(NOTICED_MS);
          break;
      }
    }
    await test.clock.advance(NOTICED_MS);
    await settle(10);
    check(test, id, current, sinceMs);
    expect(started.length, "an instant was started twice").toBe(new Set(started).size);
  } finally {
    await test.stop();
  }
}

/** Each instant that the clock has passed under these words has exactly one record, and the job goes on from here. */
function check(test: TestEngine, id: string, schedule: Schedule, sinceMs: number): void {
  const job = test.engine.getJob(id);
  const compiled = compileSchedule(schedule, { jobId: id, hostTz: "UTC", anchorDefaultMs: job.createdAtMs });
  const nowMs = test.clock.nowMs();
  const { ledger } = test.engine.inside;
  const rows = ledger.runs
    .list({ jobId: id, limit: 100_000, offset: 0 })
    .rows.filter((run) => run.trigger === "schedule" && run.scheduledForMs !== undefined);
  const claims = rows.map((run) => run.scheduledForMs);
  expect(claims.length, "two records of one instant").toBe(new Set(claims).size);
  const undecidedMs = nowMs - NOTICED_MS;
  for (const atMs of occurrencesBetween(compiled, Math.max(sinceMs, undecidedMs - HOUR_MS), undecidedMs, 500)
    .instants) {
    const records = rows.filter(
      (run) => (run.scheduledForMs ?? 0) <= atMs && (run.throughMs ?? run.scheduledForMs ?? 0) >= atMs,
    );
    const about = records.map((run) => `${run.status} ${run.scheduledForMs}..${run.throughMs ?? ""} x${run.covers}`);
    expect(records.length, `${new Date(atMs).toISOString()}: ${about.join(", ")}`).toBe(1);
  }
  const next = occurrencesBetween(compiled, nowMs, Number.POSITIVE_INFINITY, claims.length + 1).instants;
  expect(job.state.nextRunAtMs ?? 0, "not due at an instant to come").toBeLessThanOrEqual(
    next.find((atMs) => !claims.includes(atMs)) ?? 0,
  );
}

it("under any moves of the clock, edits and restarts each named instant has exactly one record, none is run twice, and the job goes on", async () => {
  await fc.assert(
    fc.asyncProperty(schedule, fc.array(step, { minLength: 3, maxLength: 12 }), (first, steps) => play(first, steps)),
    { numRuns: Number(process.env["CLOCK_RUNS"] ?? 25) },
  );
}, 600_000);
