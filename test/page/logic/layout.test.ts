import { describe, expect, it } from "vitest";
import {
  boxAt,
  countMarks,
  layOut,
  okRate,
  pathsOf,
  slotOf,
  sparkBars,
  type TimelineRow,
} from "../../../page/logic/layout.ts";
import { SEVERITY, STATES } from "../../../page/logic/states.ts";

const SPAN = { sinceMs: 1_000, untilMs: 2_000 };
const NOW = 1_750;
type Mark = TimelineRow["marks"][number];
const mark = (status: Mark["status"], fromMs: number, throughMs?: number, runs = 1): Mark => ({
  runId: `${status} ${fromMs}`,
  status,
  runs,
  fromMs,
  ...(throughMs === undefined ? {} : { throughMs }),
});
const laid = (marks: Mark[], next: number[] = []) =>
  layOut({ marks, next }, SPAN, 500, NOW).map(({ status, x, width }) => [status, x, width]);

describe("a lane", () => {
  it("places what was by time, cuts what reaches out of the span, and leaves out what is outside", () => {
    expect(
      laid([
        mark("succeeded", 100, 900),
        mark("succeeded", 900, 1_100),
        mark("failed", 1_200, 1_400),
        mark("succeeded", 1_990, 2_400),
        mark("succeeded", 2_100, 2_200),
      ]),
    ).toEqual([
      ["succeeded", 0, 50],
      ["failed", 100, 100],
      ["succeeded", 495, 5],
    ]);
  });

  it("lets what runs reach up to now, and what waits not at all", () => {
    expect(laid([mark("running", 1_500), mark("queued", 1_600)])).toEqual([
      ["running", 250, 125],
      ["queued", 300, 5],
    ]);
  });

  it("shows the shortest run wide enough to be seen", () => {
    expect(laid([mark("succeeded", 1_500, 1_500)])).toEqual([["succeeded", 250, 5]]);
  });

  it("has circles for what comes, none in the past and none upon another", () => {
    expect(laid([], [1_600, 1_800, 1_801, 1_803, 1_900, 2_100])).toEqual([
      ["planned", 400, 5],
      ["planned", 450, 5],
    ]);
  });

  it("draws each status as one path, the gravest on top, each with a shape of its own", () => {
    const all = SEVERITY.map((status) => ({ status, x: 10, width: 12, fromMs: 0, runs: 1 }));
    const paths = pathsOf(all);
    expect(paths.map(({ status }) => status)).toEqual([...SEVERITY].reverse());
    expect(paths.every(({ d }) => !/NaN|undefined|Infinity/.test(d))).toBe(true);
    const shape = (status: string) => paths.find((path) => path.status === status)?.d;
    const differing = ["succeeded", "failed", "missed", "running", "queued", "skipped", "planned"];
    expect(new Set(differing.map(shape)).size).toBe(differing.length);
    expect(SEVERITY).toHaveLength(Object.keys(STATES).length);
  });
});

describe("the pointer", () => {
  const boxes = layOut(
    { marks: [mark("succeeded", 1_000, 1_400), mark("failed", 1_390, 1_420)], next: [] },
    SPAN,
    500,
    NOW,
  );
  it.each([
    [100, "succeeded"],
    [197, "failed"],
    [214, "failed"],
    [240, undefined],
  ])("at %i means %s", (x, status) => {
    expect(boxAt(boxes, x)?.status).toBe(status);
  });
});

describe("figures of a job", () => {
  const latest: TimelineRow["latest"] = [
    { runId: "d", status: "running", atMs: 40 },
    { runId: "c", status: "failed", atMs: 30, durationMs: 50 },
    { runId: "s", status: "skipped", atMs: 25 },
    { runId: "b", status: "succeeded", atMs: 20, durationMs: 100 },
    { runId: "a", status: "succeeded", atMs: 10, durationMs: 25 },
  ];
  it("count what was judged: two of three were well", () => {
    expect(okRate(latest)).toBe(66);
    expect(okRate([])).toBeUndefined();
    expect(okRate(latest.slice(0, 1))).toBeUndefined();
  });

  it("are bars from the oldest to the newest on the right, relative to the longest", () => {
    const bars = sparkBars(latest, 120, 20);
    expect(bars.map(({ height, bad }) => [height, bad])).toEqual([
      [5, false],
      [20, false],
      [10, true],
    ]);
    expect(bars.at(-1)?.x).toBe(116);
  });

  it("count runs behind marks, missed instants apart", () => {
    const marks = [mark("succeeded", 0, 1, 7), mark("timed_out", 2, 3), mark("missed", 4, 5, 3)];
    expect(countMarks({ marks })).toEqual({ ran: 7, bad: 1, missed: 3 });
  });
});

it("a slot is as long as seven pixels show, and never so short that there are too many", () => {
  const day = { sinceMs: 0, untilMs: 86_400_000 };
  expect(slotOf(day, 1_000)).toBe(900_000);
  expect(slotOf({ sinceMs: 0, untilMs: 7 * 86_400_000 }, 300)).toBe(14_400_000);
  for (const width of [0, 320, 1_000, 4_000]) {
    expect(86_400_000 / slotOf(day, width)).toBeLessThanOrEqual(2_000);
  }
});
