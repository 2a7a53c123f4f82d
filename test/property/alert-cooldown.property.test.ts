import { describe, expect, it } from "vitest";
import { DEFAULT_ALERT, type OpenIncident } from "../../src/policy/alerts/alert.ts";
import { type AlertRun, decideAlert } from "../../src/policy/alerts/index.ts";
import fc from "../helpers/fc.ts";

const MINUTE = 60_000;
const exit = (exitCode: number): AlertRun => ({
  status: exitCode === 0 ? "succeeded" : "failed",
  outcome: "exited",
  exitCode,
});

/** What is said of a job that ends like this, at these distances. */
function play(steps: readonly { exitCode: number; afterMs: number }[]): { atMs: number; kind: "alert" | "recovery" }[] {
  const said: { atMs: number; kind: "alert" | "recovery" }[] = [];
  let open: OpenIncident[] = [];
  let lastToldAtMs: number | undefined;
  let consecutiveErrors = 0;
  let nowMs = 0;
  for (const { exitCode, afterMs } of steps) {
    nowMs += afterMs;
    consecutiveErrors = exitCode === 0 ? 0 : consecutiveErrors + 1;
    const run = exit(exitCode);
    const decision = decideAlert({ settings: DEFAULT_ALERT, open, lastToldAtMs, run, consecutiveErrors, nowMs });
    if (decision.verdict === "none") continue;
    if (decision.verdict === "close") {
      open = [];
      if (decision.notify) said.push({ atMs: nowMs, kind: "recovery" });
      continue;
    }
    if (decision.verdict === "open") open.push({ cause: decision.cause });
    if (!decision.notify) continue;
    said.push({ atMs: nowMs, kind: "alert" });
    lastToldAtMs = nowMs;
    open = open.map((one) => (one.cause === decision.cause ? { ...one, notifiedAtMs: nowMs } : one));
  }
  return said;
}

describe("whatever a job does", () => {
  it("its alerts keep the cooldown, over incidents that came and went, and each has one recovery at most", () => {
    const step = fc.record({
      exitCode: fc.constantFrom(0, 0, 1, 1, 1, 2),
      afterMs: fc.integer({ min: 1, max: 40 * MINUTE }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 120 }), (steps) => {
        const said = play(steps);
        const alerts = said.filter(({ kind }) => kind === "alert").map(({ atMs }) => atMs);
        alerts.slice(1).forEach((atMs, index) => {
          expect(atMs - (alerts[index] ?? 0)).toBeGreaterThanOrEqual(DEFAULT_ALERT.cooldownMs);
        });
        said.forEach(({ kind }, index) => {
          if (kind === "recovery") expect(said[index - 1]?.kind).toBe("alert");
        });
      }),
      { numRuns: 300 },
    );
  });

  it("one that fails twice and recovers, each minute, is told of once an hour", () => {
    const steps = Array.from({ length: 60 }, (_, index) => ({ exitCode: index % 3 === 2 ? 0 : 1, afterMs: MINUTE }));
    expect(play(steps).map(({ kind }) => kind)).toEqual(["alert", "recovery"]);
    expect(play([...steps, ...steps]).map(({ kind }) => kind)).toEqual(["alert", "recovery", "alert", "recovery"]);
  });
});
