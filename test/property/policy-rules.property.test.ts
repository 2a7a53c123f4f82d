import { describe, expect, it } from "vitest";
import type { RetryPolicy } from "../../schema/wire/policy.ts";
import { FINAL_RUN_STATUSES, OUTCOMES } from "../../schema/wire/run.ts";
import { nextDeliveryAttempt } from "../../src/policy/addresses/index.ts";
import { DEFAULT_ALERT, type OpenIncident } from "../../src/policy/alerts/alert.ts";
import { decideAlert } from "../../src/policy/alerts/index.ts";
import type { StreakState } from "../../src/policy/run/backoff.ts";
import {
  decideAfterRun,
  decideOverlap,
  decideRetry,
  outcomeError,
  retryDelayMs,
  toRunStatus,
} from "../../src/policy/run/index.ts";
import { quietUntil } from "../../src/policy/time/index.ts";
import fc from "../helpers/fc.ts";

describe("pauses", () => {
  it("between attempts stay between the undrawn share and the whole, and never shrink without jitter", () => {
    fc.assert(
      fc.property(
        fc.record({
          maxAttempts: fc.integer({ min: 1, max: 100 }),
          delaySeconds: fc.double({ min: 0, max: 1e5, noNaN: true }),
          factor: fc.double({ min: 1, max: 100, noNaN: true }),
          maxDelaySeconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
          jitter: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
        fc.integer({ min: 1, max: 99 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (policy: RetryPolicy, attempt, random) => {
          const delay = retryDelayMs(policy, attempt, random);
          const whole = retryDelayMs({ ...policy, jitter: 0 }, attempt, random);
          expect(delay).toBeLessThanOrEqual(whole + 1);
          expect(delay).toBeGreaterThanOrEqual(Math.floor(whole * (1 - (policy.jitter ?? 0))) - 1);
          expect(whole).toBeLessThanOrEqual((policy.maxDelaySeconds ?? 0) * 1_000 + 1);
          expect(retryDelayMs({ ...policy, jitter: 0 }, attempt + 1, random)).toBeGreaterThanOrEqual(whole);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("between deliveries end after the schedule, and are never in the past", () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 20 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.option(fc.integer(), { nil: undefined }),
        (attempts, random, retryAfterMs) => {
          const next = nextDeliveryAttempt({ attempts, nowMs: 1_000, random, jitter: 1, retryAfterMs });
          if (next.dead === true) expect(attempts).toBeGreaterThanOrEqual(10);
          else {
            expect(attempts).toBeLessThan(10);
            expect(next.atMs).toBeGreaterThanOrEqual(1_000);
            expect(next.atMs).toBeLessThanOrEqual(1_000 + 2 * 86_400_000);
          }
        },
      ),
    );
  });

  it("for quiet hours always end in the future, within a day and a clock change, or two where a gap takes their pause", () => {
    const time = fc
      .tuple(fc.nat({ max: 23 }), fc.nat({ max: 59 }))
      .map((parts) => parts.map((part) => String(part).padStart(2, "0")).join(":"));
    const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
    const tz = fc.constantFrom("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu");
    fc.assert(
      fc.property(time, time, tz, fc.nat({ max: 2_000_000_000 }), (start, end, zone, second) => {
        const until = quietUntil({ start, end, tz: zone }, second * 1_000);
        if (until === undefined) return;
        expect(until).toBeGreaterThan(second * 1_000);
        const pauseMinutes = (minutesOf(start) - minutesOf(end) + 1_440) % 1_440;
        expect(until - second * 1_000).toBeLessThanOrEqual((pauseMinutes < 60 ? 49 : 25) * 3_600_000);
        expect(quietUntil({ start, end, tz: zone }, until)).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("a run", () => {
  const outcomeOf = fc.constantFrom(...OUTCOMES);

  it("is tried again only when its tree is gone and attempts are left, and else has one final status", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(outcomeOf, fc.integer({ min: 0, max: 3 }), fc.boolean()), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 5 }),
        (attempts, maxAttempts) => {
          for (const [index, [outcome, exitCode, treeGone]] of attempts.entries()) {
            const decision = decideRetry({
              policy: { maxAttempts },
              attempt: index + 1,
              result: { outcome, exitCode, treeGone },
              firstStartedAtMs: 0,
              nowMs: 0,
              random: 0,
            });
            if (decision.verdict === "retry") {
              expect(treeGone).toBe(true);
              expect(index + 1).toBeLessThan(maxAttempts);
              continue;
            }
            const final = toRunStatus(outcome, exitCode);
            expect(FINAL_RUN_STATUSES).toContain(final);
            expect(outcomeError({ outcome, exitCode, signal: null }) === undefined).toBe(final === "succeeded");
            return;
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("changes its job's streaks so that only a success ends them, and disabling has a reason", () => {
    const runOf = fc.record({
      status: fc.constantFrom("ok" as const, "error" as const, "skipped" as const),
      trigger: fc.constantFrom("schedule" as const, "manual" as const),
      canceled: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(runOf, { maxLength: 40 }), fc.integer({ min: 1, max: 5 }), (runs, after) => {
        let state: StreakState = { consecutiveErrors: 0, consecutiveSkipped: 0 };
        for (const [nowMs, run] of runs.entries()) {
          const result = decideAfterRun({ policy: { autoDisable: { after } }, ...run, state, nowMs });
          expect(result.consecutiveErrors).toBeGreaterThanOrEqual(
            run.status === "ok" && !run.canceled ? 0 : state.consecutiveErrors,
          );
          if (result.enabled === false) {
            expect(run).toMatchObject({ status: "error", trigger: "schedule", canceled: false });
            expect(state.autoDisabled !== undefined || result.consecutiveErrors >= after).toBe(true);
          }
          if (result.enabled === true) expect(state.autoDisabled).toBeDefined();
          state = {
            ...state,
            ...result,
            autoDisabled: result.autoDisabled === null ? undefined : (result.autoDisabled ?? state.autoDisabled),
          };
          expect(state.autoDisabled === undefined || state.consecutiveErrors > 0).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("never starts beside another unless its policy says so", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(
          "skip" as const,
          "buffer_one" as const,
          "buffer_all" as const,
          "cancel_other" as const,
          "allow_all" as const,
        ),
        fc.nat({ max: 3 }),
        fc.nat({ max: 40 }),
        fc.boolean(),
        (policy, activeRuns, bufferedRuns, catchUp) => {
          const { verdict } = decideOverlap({ policy, activeRuns, bufferedRuns, catchUp });
          const idle = activeRuns + bufferedRuns === 0;
          expect(verdict === "start").toBe(idle || policy === "allow_all");
          if (catchUp) expect(verdict).not.toBe("skip");
        },
      ),
    );
  });
});

describe("alerts", () => {
  it("speak at most once an incident, tell of a recovery only after a failure, and leave nothing open after a success", () => {
    const runOf = fc.record({ code: fc.integer({ min: 0, max: 2 }), pauseMs: fc.nat({ max: 7_200_000 }) });
    fc.assert(
      fc.property(fc.array(runOf, { maxLength: 60 }), (runs) => {
        let open: OpenIncident[] = [];
        let errors = 0;
        let nowMs = 0;
        let told = 0;
        for (const { code, pauseMs } of runs) {
          nowMs += pauseMs;
          errors = code === 0 ? 0 : errors + 1;
          const run = { status: code === 0 ? "succeeded" : "failed", outcome: "exited", exitCode: code } as const;
          const decision = decideAlert({ settings: DEFAULT_ALERT, open, run, consecutiveErrors: errors, nowMs });
          if (decision.verdict === "open" || decision.verdict === "repeat") {
            expect(errors).toBeGreaterThanOrEqual(2);
            const known = open.find(({ cause }) => cause === decision.cause);
            expect(known === undefined).toBe(decision.verdict === "open");
            if (decision.notify) {
              expect(known?.notifiedAtMs).toBeUndefined();
              told += 1;
            }
            const notifiedAtMs = decision.notify ? nowMs : known?.notifiedAtMs;
            open = [...open.filter((incident) => incident !== known), { cause: decision.cause, notifiedAtMs }];
          }
          if (decision.verdict === "close") {
            expect(decision.notify).toBe(told > 0);
            open = [];
            told = 0;
          }
          if (code === 0) expect(open).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });
});
