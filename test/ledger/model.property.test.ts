import { describe, expect, it } from "vitest";
import { DELIVERY_STATES } from "../../schema/limits.ts";
import type { DeliveryState } from "../../schema/wire/delivery.ts";
import type { RunStatus } from "../../schema/wire/run.ts";
import type { Ledger } from "../../src/ledger/types.ts";
import fc from "../helpers/fc.ts";
import { createTestLedger, newDelivery, newJob, newRun } from "../helpers/ledger.ts";

/** The same rules in plain maps: what the ledger must be indistinguishable from. */
interface Model {
  jobs: Map<string, { nextDueMs: number | null; cursorMs: number; enabled: boolean }>;
  runs: {
    id: string;
    jobId: string;
    occurrence: string;
    status: RunStatus;
    readyAtMs: number;
    attempt: number;
    exclusive: boolean;
    pool: string;
  }[];
  deliveries: { id: string; lane: string; state: DeliveryState; attempts: number; held: boolean }[];
  paused: Set<string>;
}

type Step = (model: Model, ledger: Ledger) => void;

const JOB = fc.constantFrom("j0", "j1", "j2");
const LANE = fc.constantFrom("l0", "l1", "l2");
const AT_MS = fc.integer({ min: 1, max: 20 });
const NTH = fc.nat(30);
const pick = <T>(rows: T[], nth: number): T | undefined => rows[nth % Math.max(1, rows.length)];
let serial = 0;
const fresh = (): string => {
  serial += 1;
  return `id-${serial}`;
};

const ACTIVE = ["queued", "running"];
/** Runs of the same job go first: any that is running, and any that waits and came before. */
const heldUp = (model: Model, run: Model["runs"][number]): boolean =>
  run.exclusive &&
  model.runs.some(
    (other, index) =>
      other !== run &&
      other.jobId === run.jobId &&
      ACTIVE.includes(other.status) &&
      (other.status === "running" || index < model.runs.indexOf(run)),
  );
const open = (model: Model, lane: string) =>
  model.deliveries.filter((one) => one.lane === lane && ["pending", "sending"].includes(one.state) && !one.held);
const headOf = (model: Model, lane: string) => {
  const [head] = open(model, lane);
  return head?.state === "pending" && !model.paused.has(lane) ? head : undefined;
};

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ id: JOB, nextDueMs: fc.option(AT_MS), enabled: fc.boolean() }).map(
    ({ id, nextDueMs, enabled }): Step =>
      (model, ledger) => {
        if (model.jobs.has(id)) {
          model.jobs.delete(id);
          expect(ledger.jobs.remove(id)).toBe(true);
        } else {
          model.jobs.set(id, { nextDueMs, cursorMs: 0, enabled });
          ledger.jobs.insert(newJob(id, { cursorMs: 0, enabled, ...(nextDueMs === null ? {} : { nextDueMs }) }));
        }
      },
  ),
  fc.record({ id: JOB, cursorMs: AT_MS, nextDueMs: fc.option(AT_MS), enabled: fc.boolean() }).map(
    ({ id, ...patch }): Step =>
      (model, ledger) => {
        const job = model.jobs.get(id);
        if (job !== undefined) Object.assign(job, patch);
        ledger.jobs.patchState(id, patch);
      },
  ),
  fc
    .record({ jobId: JOB, atMs: AT_MS, manual: fc.boolean(), exclusive: fc.boolean(), pool: fc.constantFrom("a", "b") })
    .map(
      ({ jobId, atMs, manual, exclusive, pool }): Step =>
        (model, ledger) => {
          const id = fresh();
          const occurrence = manual ? id : `${jobId}@${atMs}`;
          const taken = model.runs.some((run) => run.occurrence === occurrence);
          if (!taken)
            model.runs.push({ id, jobId, occurrence, status: "queued", readyAtMs: atMs, attempt: 0, exclusive, pool });
          const kind = manual ? {} : ({ trigger: "schedule", scheduledForMs: atMs } as const);
          expect(
            ledger.runs.insert(newRun(id, jobId, { ...kind, queuedAtMs: 0, readyAtMs: atMs, exclusive, pool })),
          ).toBe(taken ? "exists" : "inserted");
        },
    ),
  NTH.map(
    (nth): Step =>
      (model, ledger) => {
        const run = pick(model.runs, nth);
        if (run === undefined) return;
        const refused = run.status !== "queued" || heldUp(model, run);
        if (!refused) {
          run.status = "running";
          run.attempt += 1;
        }
        const answer = ledger.transaction(() => {
          const begun = ledger.runs.begin(run.id, 50);
          if (begun === "started") {
            ledger.attempts.begin({
              runId: run.id,
              attempt: run.attempt,
              jobId: run.jobId,
              owner: "o",
              startedAtMs: 50,
            });
          }
          return begun;
        });
        expect(answer).toBe(refused ? "conflict" : "started");
      },
  ),
  fc
    .record({
      nth: NTH,
      atMs: AT_MS,
      again: fc.boolean(),
      status: fc.constantFrom<RunStatus>("succeeded", "failed", "lost"),
    })
    .map(
      ({ nth, atMs, again, status }): Step =>
        (model, ledger) => {
          const run = pick(model.runs, nth);
          if (run === undefined) return;
          const was = run.status;
          if (was === "running") {
            const nothing = { bytes: 0, head: new Uint8Array(), tail: new Uint8Array() };
            const log = { bytes: nth, droppedBytes: 0 };
            expect(
              ledger.attempts.end(run.id, run.attempt, {
                endedAtMs: 60,
                stdout: nothing,
                stderr: nothing,
                actionLines: [],
                log,
              }),
            ).toBe(true);
          }
          if (again) {
            if (was === "running") Object.assign(run, { status: "queued", readyAtMs: atMs });
            ledger.runs.requeue(run.id, atMs);
          } else {
            const active = was === "queued" || was === "running";
            if (active) run.status = status;
            expect(ledger.runs.settle(run.id, { status, endedAtMs: 60, deliveryStatus: "pending" })).toBe(active);
          }
        },
    ),
  LANE.map(
    (lane): Step =>
      (model, ledger) => {
        const id = fresh();
        model.deliveries.push({ id, lane, state: "pending", attempts: 0, held: false });
        ledger.deliveries.insert(newDelivery(id, lane));
      },
  ),
  NTH.map(
    (nth): Step =>
      (model, ledger) => {
        const one = pick(model.deliveries, nth);
        if (one === undefined) return;
        const mine = headOf(model, one.lane) === one;
        if (mine) Object.assign(one, { state: "sending", attempts: one.attempts + 1 });
        expect(ledger.deliveries.claim(one.id, 70)).toBe(mine);
      },
  ),
  fc.record({ nth: NTH, state: fc.constantFrom(...DELIVERY_STATES), held: fc.boolean() }).map(
    ({ nth, state, held }): Step =>
      (model, ledger) => {
        const one = pick(model.deliveries, nth);
        // Only `claim` makes a message "sending".
        if (one === undefined || state === "sending") return;
        Object.assign(one, { state, held });
        ledger.deliveries.update(one.id, { state, nowMs: 80, custody: held ? "gateway" : null });
      },
  ),
  LANE.map(
    (lane): Step =>
      (model, ledger) => {
        if (model.paused.delete(lane)) ledger.deliveries.setLane(lane, { pausedAtMs: null });
        else {
          model.paused.add(lane);
          ledger.deliveries.setLane(lane, { pausedAtMs: 5 });
        }
      },
  ),
);

function compare(model: Model, ledger: Ledger): void {
  const due = [...model.jobs].flatMap(([id, job]) => (job.nextDueMs === null ? [] : [{ id, atMs: job.nextDueMs }]));
  due.sort((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
  expect(ledger.jobs.due(10, 50).map((job) => job.id)).toEqual(
    due.filter((job) => job.atMs <= 10).map((job) => job.id),
  );
  expect(ledger.jobs.earliestDueMs()).toBe(due[0]?.atMs);
  const enabled = [...model.jobs.values()].filter((job) => job.enabled).length;
  expect(ledger.jobs.count()).toEqual({ total: model.jobs.size, enabled, setAside: 0 });
  for (const [id, job] of model.jobs) {
    expect(ledger.jobs.get(id)).toMatchObject({ cursorMs: job.cursorMs, enabled: job.enabled });
  }

  const queued = model.runs.filter((run) => run.status === "queued");
  for (const pool of ["a", "b"]) {
    const ready = queued.filter((run) => run.pool === pool && run.readyAtMs <= 10 && !heldUp(model, run));
    const found = ledger.runs.ready(10, pool, 50);
    expect(found.map((run) => run.id).sort()).toEqual(ready.map((run) => run.id).sort());
    // By rounds, and by time within one.
    const order = found.map((run) => [run.turn, run.readyAtMs, run.seq]);
    expect(order).toEqual([...order].sort((a, b) => a.map((at, i) => at - (b[i] ?? 0)).find((d) => d !== 0) ?? 0));
  }
  const later = queued.filter((run) => run.readyAtMs > 10).map((run) => run.readyAtMs);
  expect(ledger.runs.earliestReadyMs(10)).toBe(later.length === 0 ? undefined : Math.min(...later));
  expect(ledger.runs.running().map((run) => run.id)).toEqual(
    model.runs.filter((run) => run.status === "running").map((run) => run.id),
  );
  expect(
    ledger.runs
      .list({ limit: 200, offset: 0, sortDir: "asc" })
      .rows.map(({ id, status, attempt }) => ({ id, status, attempt })),
  ).toEqual(model.runs.map(({ id, status, attempt }) => ({ id, status, attempt })));

  const heads = ["l0", "l1", "l2"].flatMap((lane) => headOf(model, lane) ?? []);
  expect(
    ledger.deliveries
      .heads()
      .map((head) => head.id)
      .sort(),
  ).toEqual(heads.map((head) => head.id).sort());
  const counts = Object.fromEntries(
    DELIVERY_STATES.map((state) => [state, model.deliveries.filter((one) => one.state === state).length]),
  );
  expect(ledger.deliveries.counts()).toEqual(counts);
  for (const one of model.deliveries)
    expect(ledger.deliveries.get(one.id)).toMatchObject({ state: one.state, attempts: one.attempts });
}

describe("the ledger", () => {
  it("cannot be told from its model, through any steps, failed transactions and reopenings", () => {
    const mishap = fc.constantFrom("none", "none", "none", "undone", "reopen");
    fc.assert(
      fc.property(fc.array(fc.tuple(step, mishap), { minLength: 1, maxLength: 60 }), (steps) => {
        const test = createTestLedger();
        try {
          let model: Model = { jobs: new Map(), runs: [], deliveries: [], paused: new Set() };
          for (const [run, what] of steps) {
            if (what === "reopen") test.reopen();
            if (what === "undone") {
              const thrownAway = structuredClone(model);
              const undo = () =>
                test.ledger.transaction(() => {
                  run(thrownAway, test.ledger);
                  throw new Error("undone");
                });
              expect(undo).toThrow("undone");
            } else {
              const next = structuredClone(model);
              test.ledger.transaction(() => run(next, test.ledger));
              model = next;
            }
          }
          compare(model, test.ledger);
          compare(model, test.reopen());
          expect(test.ledger.check()).toEqual([]);
        } finally {
          test.remove();
        }
      }),
      { numRuns: 120 },
    );
  });
});
