import { expect, it } from "vitest";
import { passedWithoutRun } from "../../../src/policy/run/observed.ts";
import { compileSchedule } from "../../../src/policy/time/index.ts";

const minutely = compileSchedule({ kind: "every", everyMs: 60_000 }, { jobId: "j", hostTz: "UTC", anchorDefaultMs: 0 });
const passed = (more: Partial<Parameters<typeof passedWithoutRun>[0]>) =>
  passedWithoutRun({ compiled: minutely, dueMs: 60_000, throughMs: 200_000, begins: [], graceMs: () => 0, ...more });

it.each<[string, Parameters<typeof passed>[0], ReturnType<typeof passed>]>([
  ["are all that have come", {}, { fromMs: 60_000, throughMs: 180_000, count: 3 }],
  ["are as late as the one that was due", { dueMs: 67_000 }, { fromMs: 67_000, throughMs: 187_000, count: 3 }],
  ["are none at which a run began", { begins: [60_000, 119_000, 180_000] }, undefined],
  [
    "are those before which a run began too early",
    { begins: [118_999] },
    { fromMs: 60_000, throughMs: 180_000, count: 3 },
  ],
  [
    "are none after which a run began within the grace",
    { begins: [65_000, 125_001], graceMs: () => 5_000 },
    { fromMs: 120_000, throughMs: 180_000, count: 2 },
  ],
  [
    "are the one that was due where no other is known",
    { compiled: undefined },
    { fromMs: 60_000, throughMs: 60_000, count: 1 },
  ],
  ["are none before the first has come", { throughMs: 59_999 }, undefined],
])("instants that passed without a run %s", (_, more, stretch) => {
  expect(passed(more)).toEqual(stretch);
});
