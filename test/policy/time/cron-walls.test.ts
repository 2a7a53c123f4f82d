import { Cron } from "croner";
import { describe, expect, it, vi } from "vitest";
import { cronWallsOf } from "../../../src/policy/time/cron-walls.ts";
import { compileSchedule, nextAfter, previewInstants } from "../../../src/policy/time/index.ts";

const EXPRESSIONS = [
  "0 0 29 2 *",
  "0 12 L * *",
  "30 6 LW 1-6 *",
  "0 0 15W * *",
  "0 0 1W,20W * MON#2",
  "0 0 * * 5L",
  "0 0 13 * +5",
  "0 9 1 */3 1-5",
  "0 0 */10 2,12 SUN#5",
];
const FROM = Date.UTC(2095, 10, 1);
const STEPS = 60;

describe("the days an expression names", () => {
  it.each(EXPRESSIONS)(
    "are croner's, one after the other and counted, over a century without its leap day: %s",
    (expr) => {
      const walls = cronWallsOf(expr);
      const cron = new Cron(expr, { utcOffset: 0, paused: true });
      let expected: Date | null = new Date(FROM);
      let actual: number | undefined = FROM;
      for (let step = 1; step <= STEPS; step += 1) {
        expected = cron.nextRun(expected as Date);
        actual = walls.next(actual as number);
        expect(actual).toBe(expected?.getTime());
        expect(walls.count(FROM, actual as number)).toBe(step);
        expect(walls.count(FROM, (actual as number) - 1)).toBe(step - 1);
      }
    },
  );

  it("are found where the next is forty years away", () => {
    // A 29th of February on a Sunday: 2088, then none in the years around 2100 until 2128.
    expect(new Date(cronWallsOf("0 0 29 2 +SUN").next(Date.UTC(2088, 2, 1)) ?? 0).toISOString()).toBe(
      "2128-02-29T00:00:00.000Z",
    );
  });

  it("end with the year 9999, for every expression", () => {
    for (const expr of ["0 0 * * *", "0 0 31 12 *"]) {
      expect(cronWallsOf(expr).next(Date.UTC(9999, 11, 30))).toBe(Date.UTC(9999, 11, 31));
      expect(cronWallsOf(expr).next(Date.UTC(9999, 11, 31))).toBeUndefined();
    }
  });
});

describe("a thousand instants of a yearly expression", () => {
  it("are all there, and cost a few looks at the zone's clock each, however far apart they are", () => {
    const reads = vi.spyOn(Intl.DateTimeFormat.prototype as { format: unknown }, "format", "get");
    const compiled = compileSchedule(
      { kind: "cron", expr: "0 0 1 1 *", tz: "America/Los_Angeles" },
      { jobId: "job", hostTz: "UTC", anchorDefaultMs: 0 },
    );
    const instants = previewInstants(compiled, Date.UTC(2027, 0, 1, 12), 1_000);
    expect(instants).toHaveLength(1_000);
    expect(instants.at(-1)?.local).toBe("3027-01-01 00:00:00");
    expect(reads.mock.calls.length).toBeGreaterThan(1_000);
    expect(reads.mock.calls.length).toBeLessThan(5_000);
    reads.mockRestore();
  });

  it("are the same as found one by one with a look at every change between", () => {
    const compiled = compileSchedule(
      { kind: "cron", expr: "30 2 29 3 *", tz: "Europe/Berlin" },
      { jobId: "job", hostTz: "UTC", anchorDefaultMs: 0 },
    );
    // The 29th of March is the day of the change in 2026, 2037 and 2048: the gap's end, 01:00Z.
    const years = [2026, 2027, 2037, 2038, 2048];
    const found = years.map((year) => new Date(nextAfter(compiled, Date.UTC(year, 0, 1)) ?? 0).toISOString());
    expect(found).toEqual([
      "2026-03-29T01:00:00.000Z",
      "2027-03-29T00:30:00.000Z",
      "2037-03-29T01:00:00.000Z",
      "2038-03-29T00:30:00.000Z",
      "2048-03-29T01:00:00.000Z",
    ]);
  });
});

describe("an expression that never fires", () => {
  it.each(["0 0 31 * +1#1", "0 0 15W * +SUN", "0 0 30 2 *"])(
    "is known by one look at each kind of month: %s",
    (expr) => {
      const matches = vi.spyOn(Cron.prototype, "match");
      const runs = vi.spyOn(Cron.prototype, "nextRun");
      expect(cronWallsOf(expr).next(FROM)).toBeUndefined();
      expect(matches.mock.calls.length).toBeLessThanOrEqual(7 * (28 + 29 + 30 + 31));
      expect(runs).not.toHaveBeenCalled();
      matches.mockRestore();
      runs.mockRestore();
    },
  );
});
