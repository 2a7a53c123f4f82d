import { beforeEach, expect, it } from "vitest";
import { createEvents } from "../../src/kernel/events.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import { createDecider, type Decider, type DeciderDeps } from "../../src/scheduler/decider.ts";
import { createTestLedger, definition, newJob, newRun, type TestLedger } from "../helpers/ledger.ts";

const MINUTE = 60_000;
const NODES = Array.from({ length: 120 }, (_, index) => `n${String(index).padStart(3, "0")}`);

let test: TestLedger;
let nodes: string[];
let queued: string[];
let broken: string[];
let atMs: number;
/** The disk is full. */
let failing = false;

beforeEach(() => {
  test = createTestLedger({
    faults: {
      at(point) {
        if (failing && point === "commit") throw Object.assign(new Error("full"), { errcode: 13 });
      },
    },
  });
  [nodes, queued, broken] = [[...NODES], [], []];
  atMs = test.clock.nowMs() + MINUTE;
  const schedule = { kind: "every" as const, everyMs: MINUTE, anchorMs: test.clock.nowMs() };
  const due = { cursorMs: test.clock.nowMs(), nextDueMs: atMs };
  test.ledger.jobs.insert(newJob("all", { definition: definition({ schedule }), ...due }));
});

/** As each life of the process makes it. */
function newDecider(change: Partial<DeciderDeps> = {}): Decider {
  const events = createEvents(silentLogger);
  events.on("run-queued", ({ runId }) => queued.push(runId));
  return createDecider({
    ...{ ledger: test.ledger, clock: test.clock, events, hostTz: "UTC" },
    eachNode: ({ id }) => (id === "all" ? nodes : undefined),
    onBroken: (job) => broken.push(job.id),
    decided: () => {},
    passedOver: () => {},
    cancelRuns: () => {},
    ...change,
  });
}

const rows = () => test.ledger.runs.list({ jobId: "all", limit: 1_000, offset: 0 }).rows;
const nodesOf = () =>
  rows()
    .map(({ node }) => node)
    .sort();

it("writes an occurrence on many nodes in turns of fifty; its job has gone on with the first", () => {
  const decider = newDecider();
  const written: number[] = [];
  for (let more = true; more; written.push(rows().length)) more = decider.step(atMs);
  expect(written).toEqual([50, 100, 120]);
  expect(nodesOf()).toEqual(NODES);
  expect(new Set(queued)).toEqual(new Set(rows().map(({ id }) => id)));
  expect(test.ledger.jobs.get("all")).toMatchObject({ cursorMs: atMs, nextDueMs: atMs + MINUTE });
  expect(decider.spreading()).toBe(false);
});

it("takes several small ones in one turn", () => {
  nodes = NODES.slice(0, 20);
  for (const id of ["b", "c"]) test.ledger.jobs.insert(newJob(id, { nextDueMs: atMs }));
  const decider = newDecider({ eachNode: () => nodes });
  expect(decider.step(atMs)).toBe(true);
  const written = () => ["all", "b", "c"].map((id) => test.ledger.runs.active(id).length).sort();
  expect(written()).toEqual([10, 20, 20]);
  expect(decider.step(atMs)).toBe(false);
  expect(written()).toEqual([20, 20, 20]);
});

it("lets other jobs be decided between its turns", () => {
  const decider = newDecider();
  decider.step(atMs);
  test.ledger.jobs.insert(newJob("other", { nextDueMs: atMs }));
  decider.step(atMs);
  expect(test.ledger.runs.active("other")).toHaveLength(1);
  expect(rows()).toHaveLength(100);
});

it("is gone on with by another life of the process, none twice and none left out", () => {
  newDecider().step(atMs);
  // Half of it is behind what the config says now.
  nodes = [...NODES.filter((node) => node !== "n010"), "n999"];
  const again = newDecider();
  expect(again.spreading()).toBe(true);
  while (again.step(atMs + 1)) {}
  expect(nodesOf()).toEqual([...NODES, "n999"]);
});

it("is undone with its place when a turn cannot be written, and comes again", () => {
  const decider = newDecider();
  decider.step(atMs);
  failing = true;
  expect(() => decider.step(atMs)).toThrow();
  failing = false;
  expect(rows()).toHaveLength(50);
  while (decider.step(atMs)) {}
  expect(nodesOf()).toEqual(NODES);
});

it("is written to its end before its job is changed", () => {
  const decider = newDecider();
  decider.step(atMs);
  decider.decide("all", atMs);
  expect(nodesOf()).toEqual(NODES);
});

it("goes with its job", () => {
  const decider = newDecider();
  decider.step(atMs);
  test.ledger.jobs.remove("all");
  expect(decider.step(atMs)).toBe(false);
  expect(rows()).toHaveLength(50);
  expect(broken).toEqual([]);
});

it("looks on each node for what goes on there alone", () => {
  test.ledger.runs.insert(newRun("before", "all", { node: "n060", status: "queued", trigger: "manual" }));
  const decider = newDecider();
  while (decider.step(atMs)) {}
  const skipped = rows().filter(({ status }) => status === "skipped");
  expect(skipped.map(({ node, reason }) => [node, reason])).toEqual([["n060", "overlap"]]);
  expect(rows()).toHaveLength(121);
});

it("says with one run that no node has the tag any more", () => {
  test.ledger.fanOuts.begin({ jobId: "all", scheduledForMs: atMs, catchUp: false });
  const decider = newDecider({ eachNode: () => undefined });
  while (decider.step(atMs - 1)) {}
  expect(rows().map(({ status, node }) => [status, node])).toEqual([["queued", undefined]]);
});
