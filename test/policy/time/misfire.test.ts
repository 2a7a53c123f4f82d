import { describe, expect, it } from "vitest";
import type { JobPolicy } from "../../../schema/wire/policy.ts";
import type { Schedule } from "../../../schema/wire/schedule.ts";
import { compileSchedule, decideOccurrences } from "../../../src/policy/time/index.ts";

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 10, 21, 12);

const decide = (
  schedule: Schedule,
  cursorMs: number,
  nowMs: number,
  policy?: JobPolicy["misfire"],
  limit = 1_000,
): ReturnType<typeof decideOccurrences> =>
  decideOccurrences({
    compiled: compileSchedule(schedule, { jobId: "job", hostTz: "UTC", anchorDefaultMs: 0 }),
    cursorMs,
    nowMs,
    policy,
    kind: schedule.kind,
    limit,
  });
const hourly: Schedule = { kind: "every", everyMs: HOUR, anchorMs: 0 };
const eachSecond: Schedule = { kind: "every", everyMs: 1_000, anchorMs: 0 };

describe("occurrences on time", () => {
  it("run, and the next due instant is told", () => {
    expect(decide(hourly, NOON - 1, NOON)).toEqual({
      rows: [{ verdict: "run", scheduledForMs: NOON, catchUp: false }],
      nextDueMs: NOON + HOUR,
      more: false,
    });
    expect(decide(hourly, NOON - 1, NOON + 9_999, { mode: "skip" }).rows).toHaveLength(1);
  });

  it("are none when nothing is due", () => {
    expect(decide(hourly, NOON, NOON + 5)).toEqual({ rows: [], nextDueMs: NOON + HOUR, more: false });
  });

  it("all run after a short hiccup, whatever the policy, and queue behind one another", () => {
    const rows = decide(eachSecond, NOON, NOON + 3_500, { mode: "skip" }).rows;
    expect(rows).toEqual([1, 2, 3].map((s) => ({ verdict: "run", scheduledForMs: NOON + s * 1_000, catchUp: true })));
  });

  it("run at most ten at once when the interval is tiny", () => {
    const rows = decide({ kind: "every", everyMs: 100, anchorMs: 0 }, NOON, NOON + 5_000).rows;
    expect(rows[0]).toMatchObject({ verdict: "missed", count: 40, reason: "misfire_policy" });
    expect(rows.slice(1).map((row) => row.scheduledForMs)).toEqual(
      Array.from({ length: 10 }, (_, index) => NOON + 4_100 + index * 100),
    );
  });
});

describe("a backlog", () => {
  const cursor = NOON - 5 * HOUR;
  const now = NOON + 60_000;

  it("becomes one run, the newest, by default", () => {
    expect(decide(hourly, cursor, now).rows).toEqual([
      { verdict: "missed", scheduledForMs: cursor + HOUR, throughMs: NOON - HOUR, count: 4, reason: "misfire_policy" },
      { verdict: "run", scheduledForMs: NOON, catchUp: false },
    ]);
  });

  it("becomes the newest few in order when all are asked for", () => {
    const plan = decide(hourly, cursor, now, { mode: "run_all", max: 3 });
    expect(plan.rows).toEqual([
      {
        verdict: "missed",
        scheduledForMs: cursor + HOUR,
        throughMs: cursor + 2 * HOUR,
        count: 2,
        reason: "misfire_policy",
      },
      ...[2, 1, 0].map((ago) => ({ verdict: "run", scheduledForMs: NOON - ago * HOUR, catchUp: true })),
    ]);
    expect(plan.nextDueMs).toBe(NOON + HOUR);
  });

  it("is missed altogether when skipping is asked for, except an occurrence that is on time", () => {
    expect(decide(hourly, cursor, now, { mode: "skip" }).rows).toEqual([
      { verdict: "missed", scheduledForMs: cursor + HOUR, throughMs: NOON, count: 5, reason: "misfire_policy" },
    ]);
    expect(decide(hourly, cursor, NOON + 2_000, { mode: "skip" }).rows.at(-1)).toEqual({
      verdict: "run",
      scheduledForMs: NOON,
      catchUp: false,
    });
  });

  it("does not add a second run when the newest occurrence is on time", () => {
    const rows = decide(hourly, cursor, NOON + 2_000).rows;
    expect(rows.map((row) => row.verdict)).toEqual(["missed", "run"]);
  });

  it("of a one-second job after a minute's stall is one run", () => {
    const rows = decide(eachSecond, NOON, NOON + 60_000).rows;
    expect(rows).toEqual([
      {
        verdict: "missed",
        scheduledForMs: NOON + 1_000,
        throughMs: NOON + 59_000,
        count: 59,
        reason: "misfire_policy",
      },
      { verdict: "run", scheduledForMs: NOON + 60_000, catchUp: false },
    ]);
  });

  it("older than the window is missed for that reason, in a row of its own", () => {
    const rows = decide(hourly, NOON - 48 * HOUR, now, { windowSeconds: 7_200 }).rows;
    expect(rows).toEqual([
      {
        verdict: "missed",
        scheduledForMs: NOON - 47 * HOUR,
        throughMs: NOON - 2 * HOUR,
        count: 46,
        reason: "outside_window",
      },
      { verdict: "missed", scheduledForMs: NOON - HOUR, throughMs: NOON - HOUR, count: 1, reason: "misfire_policy" },
      { verdict: "run", scheduledForMs: NOON, catchUp: false },
    ]);
    expect(decide(hourly, cursor, now, { windowSeconds: 30 }).rows).toEqual([
      { verdict: "missed", scheduledForMs: cursor + HOUR, throughMs: NOON, count: 5, reason: "outside_window" },
    ]);
  });

  it("exactly as old as the window still counts as inside", () => {
    expect(decide(hourly, NOON - 1, NOON + 60_000, { windowSeconds: 60 }).rows[0]?.verdict).toBe("run");
    expect(decide(hourly, NOON - 1, NOON + 60_001, { windowSeconds: 60 }).rows[0]?.verdict).toBe("missed");
  });

  it("longer than the limit goes on in a further step without losing or repeating an instant", () => {
    const policy = { mode: "run_all", max: 5 } as const;
    const first = decide(hourly, cursor, now, policy, 2);
    expect(first.more).toBe(true);
    const rest = decide(hourly, first.rows.at(-1)?.scheduledForMs ?? 0, now, policy, 10);
    const all = [...first.rows, ...rest.rows].map((row) => row.scheduledForMs);
    expect(all).toEqual([1, 2, 3, 4, 5].map((hour) => cursor + hour * HOUR));
  });
});

describe("special cases", () => {
  it("a one-shot runs however late it is", () => {
    const at: Schedule = { kind: "at", at: "2026-11-21T12:00:00Z" };
    const plan = decide(at, NOON - HOUR, NOON + 400 * 24 * HOUR, { mode: "skip", windowSeconds: 0 });
    expect(plan).toEqual({
      rows: [{ verdict: "run", scheduledForMs: NOON, catchUp: false }],
      nextDueMs: undefined,
      more: false,
    });
  });

  it("a clock set back decides nothing and waits for the cursor", () => {
    expect(decide(hourly, NOON, NOON - 2 * HOUR)).toEqual({ rows: [], nextDueMs: NOON + HOUR, more: false });
  });

  it("a clock a century ahead costs one row a reason", () => {
    const rows = decide({ kind: "cron", expr: "* * * * * *" }, NOON, NOON + 36_525 * 24 * HOUR).rows;
    expect(rows.map((row) => row.verdict)).toEqual(["missed", "missed", "run"]);
  });
});
