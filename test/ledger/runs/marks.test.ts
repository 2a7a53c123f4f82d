import { beforeEach, describe, expect, it } from "vitest";
import type { RunStatus } from "../../../schema/wire/run.ts";
import { createTestLedger, newRun, type TestLedger } from "../../helpers/ledger.ts";

const MINUTE = 60_000;
const T0 = 10_000 * MINUTE;
const SPAN = { sinceMs: T0, untilMs: T0 + 60 * MINUTE, slotMs: 5 * MINUTE };

let test: TestLedger;
beforeEach(() => {
  test = createTestLedger();
});

/** A run that began and ended so many minutes after T0. */
function ran(id: string, fromMinute: number, throughMinute: number | undefined, status: RunStatus = "succeeded"): void {
  const { runs } = test.ledger;
  const atMs = T0 + fromMinute * MINUTE;
  runs.insert(newRun(id, "j", { queuedAtMs: atMs, readyAtMs: atMs, exclusive: false }));
  runs.begin(id, atMs);
  if (throughMinute === undefined) return;
  runs.settle(id, { status, endedAtMs: T0 + throughMinute * MINUTE, deliveryStatus: "not-requested" });
}
const marks = () =>
  test.ledger.runs
    .marks("j", SPAN)
    .map(({ status, runs, runId, fromMs, throughMs }) => [
      `${runs} ${status} ${runId}`,
      (fromMs - T0) / MINUTE,
      throughMs === undefined ? undefined : (throughMs - T0) / MINUTE,
    ]);

describe("the marks of a span", () => {
  it("gather runs of one status that began in one slot, and keep a failure among them apart", () => {
    ran("a1", 0, 1);
    ran("a2", 1, 2);
    ran("a3", 2, 3, "failed");
    ran("a4", 4, 5);
    ran("a5", 6, 7);
    expect(marks()).toEqual([
      ["3 succeeded a4", 0, 5],
      ["1 failed a3", 2, 3],
      ["1 succeeded a5", 6, 7],
    ]);
  });

  it("hold what reaches into it from before and what goes on, and nothing outside it", () => {
    ran("before", -30, -20);
    ran("into", -30, 10);
    ran("longer", -25 * 60, undefined);
    ran("now", 50, undefined);
    ran("after", 61, 62);
    expect(marks()).toEqual([
      ["1 running longer", -1500, undefined],
      ["1 succeeded into", -30, 10],
      ["1 running now", 50, undefined],
    ]);
  });

  it("stand where instants did not run, though that was written long after", () => {
    test.ledger.runs.insert(
      newRun("gone", "j", {
        trigger: "schedule",
        status: "missed",
        scheduledForMs: T0 + 10 * MINUTE,
        throughMs: T0 + 40 * MINUTE,
        covers: 7,
        queuedAtMs: T0 + 600 * MINUTE,
      }),
    );
    expect(marks()).toEqual([["7 missed gone", 10, 40]]);
  });

  it("are of one job", () => {
    ran("a", 0, 1);
    expect(test.ledger.runs.marks("other", SPAN)).toEqual([]);
  });
});

it("the newest runs of a job come newest first, with how long each took", () => {
  ran("a", 0, 1);
  ran("b", 2, 5, "failed");
  ran("c", 6, undefined);
  expect(test.ledger.runs.latest("j", 2)).toEqual([
    { runId: "c", status: "running", atMs: T0 + 6 * MINUTE },
    { runId: "b", status: "failed", atMs: T0 + 2 * MINUTE, durationMs: 3 * MINUTE },
  ]);
});
