import { describe, expect, it } from "vitest";
import type { JobPolicy } from "../../schema/wire/policy.ts";
import { countBetween, decideOccurrences, lastAtOrBefore, nextAfter } from "../../src/policy/time/index.ts";
import fc from "../helpers/fc.ts";
import { compile, DAY, instantOf, scheduleOf } from "./schedules.ts";

const policyOf: fc.Arbitrary<JobPolicy["misfire"]> = fc.option(
  fc.record(
    {
      mode: fc.constantFrom("skip" as const, "run_once" as const, "run_all" as const),
      windowSeconds: fc.constantFrom(0, 5, 60, 3_600, 86_400, 1e7),
      max: fc.integer({ min: 1, max: 40 }),
    },
    { requiredKeys: [] },
  ),
  { nil: undefined },
);

/** Lengths from a timer's lateness to a long absence. */
const absenceOf = fc.oneof(fc.nat({ max: 20_000 }), fc.nat({ max: DAY }), fc.nat({ max: 60 * DAY }));

describe("misfires", () => {
  it("cover every instant between cursor and now exactly once, in order, over any number of steps", () => {
    fc.assert(
      fc.property(
        scheduleOf,
        instantOf,
        absenceOf,
        policyOf,
        fc.integer({ min: 1, max: 15 }),
        (schedule, cursorMs, away, policy, limit) => {
          const compiled = compile(schedule);
          const nowMs = cursorMs + away;
          let cursor = cursorMs;
          let covered = 0;
          for (let step = 0; step < 100; step++) {
            const plan = decideOccurrences({ compiled, cursorMs: cursor, nowMs, policy, kind: schedule.kind, limit });
            for (const row of plan.rows) {
              const through = row.verdict === "missed" ? row.throughMs : row.scheduledForMs;
              const count = row.verdict === "missed" ? row.count : 1;
              expect(row.scheduledForMs).toBe(nextAfter(compiled, cursor));
              expect(countBetween(compiled, cursor, through)).toBe(count);
              expect(countBetween(compiled, through - 1, through)).toBe(1);
              expect(through).toBeLessThanOrEqual(nowMs);
              covered += count;
              cursor = through;
            }
            expect(plan.rows.filter((row) => row.verdict === "run").length).toBeLessThanOrEqual(limit);
            if (!plan.more) {
              expect(plan.nextDueMs).toBe(nextAfter(compiled, nowMs));
              break;
            }
            expect(plan.rows.length).toBeGreaterThan(0);
          }
          expect(covered).toBe(countBetween(compiled, cursorMs, nowMs));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("run what the policy allows and never something missed after something run", () => {
    fc.assert(
      fc.property(scheduleOf, instantOf, absenceOf, policyOf, (schedule, cursorMs, away, policy) => {
        const nowMs = cursorMs + away;
        const compiled = compile(schedule);
        const { rows } = decideOccurrences({ compiled, cursorMs, nowMs, policy, kind: schedule.kind, limit: 1_000 });
        const verdicts = rows.map((row) => row.verdict);
        const runs = rows.filter((row) => row.verdict === "run");
        expect(verdicts).toEqual([...verdicts].sort((a, b) => (a === b ? 0 : a === "missed" ? -1 : 1)));
        const most = Math.max(10, policy?.mode === "run_all" ? (policy.max ?? 10) : 1);
        expect(runs.length).toBeLessThanOrEqual(schedule.kind === "at" ? 1 : most);
        const newest = lastAtOrBefore(compiled, nowMs, cursorMs);
        if (newest !== undefined && (schedule.kind === "at" || nowMs - newest < 10_000)) {
          expect(runs.at(-1)?.scheduledForMs).toBe(newest);
        }
        for (const row of rows) {
          if (row.verdict !== "missed") continue;
          const windowStart = nowMs - (policy?.windowSeconds ?? 86_400) * 1_000;
          if (row.reason === "outside_window") expect(row.throughMs).toBeLessThan(windowStart);
          else expect(row.scheduledForMs).toBeGreaterThanOrEqual(windowStart);
        }
      }),
      { numRuns: 500 },
    );
  });
});
