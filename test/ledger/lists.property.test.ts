import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RUN_STATUSES } from "../../schema/limits.ts";
import { FINAL_RUN_STATUSES } from "../../schema/wire/run.ts";
import { COUNT_AHEAD } from "../../src/ledger/sql/pages.ts";
import type {
  DeliveryQuery,
  DeliveryRecord,
  JobQuery,
  JobRecord,
  RunQuery,
  RunRecord,
} from "../../src/ledger/types.ts";
import { toWireStatus } from "../../src/policy/run/index.ts";
import fc from "../helpers/fc.ts";
import { createTestLedger, definition, newDelivery, newJob, newRun, type TestLedger, walk } from "../helpers/ledger.ts";

const JOBS = ["j-0", "j-1", "j-2"];
const DELIVERY_STATUSES = ["delivered", "not-delivered", "unknown", "not-requested", "pending"] as const;
const STATES = ["pending", "sending", "sent", "suppressed", "dead", "unknown"] as const;

let test: TestLedger;
let runs: RunRecord[];
let jobs: JobRecord[];
let deliveries: DeliveryRecord[];

/** A few hundred rows of every kind, written in no particular order of time. */
beforeAll(() => {
  test = createTestLedger();
  const { ledger } = test;
  ledger.transaction(() => {
    for (let index = 0; index < 400; index += 1) {
      const status = RUN_STATUSES[(index * 7) % RUN_STATUSES.length] ?? "queued";
      const final = FINAL_RUN_STATUSES.includes(status);
      const id = `run-${(index * 7_919) % 1_000}-${index}`;
      ledger.runs.insert(
        newRun(id, JOBS[index % 3] ?? "", {
          jobName: index % 5 === 0 ? "50%_off\\" : "plain",
          queuedAtMs: 1_000 + ((index * 37) % 100),
          exclusive: false,
          ...(status === "skipped" || status === "missed" ? { status } : {}),
        }),
      );
      if (status !== "queued") ledger.runs.begin(id, 2_000);
      if (final) {
        const deliveryStatus = DELIVERY_STATUSES[index % 5] ?? "pending";
        const error = index % 11 === 0 ? "Disk FULL" : undefined;
        ledger.runs.settle(id, { status, endedAtMs: 3_000, deliveryStatus, ...(error === undefined ? {} : { error }) });
      }
      ledger.jobs.insert(
        newJob(`job-${(index * 7_919) % 1_000}-${index}`, {
          definition: definition({
            name: index % 3 === 0 ? `Grün ${index % 10}` : `plain ${index % 10}`,
            ...(index % 4 === 0 ? { schedule: { kind: "cron", expr: "* * * * *" } } : {}),
          }),
          enabled: index % 6 !== 0,
          createdAtMs: 1_000 + (index % 20),
          ...(index % 7 === 0 ? {} : { nextDueMs: 5_000 + (index % 50) }),
        }),
      );
      const state = STATES[index % 6] ?? "pending";
      ledger.deliveries.insert(
        newDelivery(`d-${index}`, `lane-${index % 4}`, {
          state,
          kind: index % 8 === 0 ? "alert" : "result",
          ...(index % 2 === 0 ? { jobId: JOBS[index % 3] ?? "", runId: `r-${index % 40}` } : {}),
        }),
      );
    }
    for (const [index, { id }] of ledger.jobs.list({ limit: 400, offset: 0, includeDisabled: true }).rows.entries()) {
      if (index % 3 !== 0) ledger.jobs.patchState(id, { lastStatus: index % 3 === 1 ? "ok" : "error" });
    }
  });
  const everything = { limit: 1_000, offset: 0, sortDir: "asc" } as const;
  runs = ledger.runs.list(everything).rows;
  jobs = [];
  ledger.jobs.each((job) => jobs.push(job));
  deliveries = ledger.deliveries.list(everything).rows;
});
afterAll(() => test.remove());

const maybe = <T>(arb: fc.Arbitrary<T>) => fc.option(arb, { nil: undefined });
const subset = <T>(values: readonly T[]) => maybe(fc.subarray([...values]));
const paging = { limit: fc.integer({ min: 1, max: 60 }), offset: fc.integer({ min: 0, max: 80 }) };
const sortDir = maybe(fc.constantFrom("asc" as const, "desc" as const));
const present = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as never;

const page = <T>(rows: T[], query: { limit: number; offset: number }) =>
  rows.slice(query.offset, query.offset + query.limit);
const by =
  <T>(key: (row: T) => (number | string)[], dir: "asc" | "desc") =>
  (a: T, b: T): number => {
    const [left, right] = [key(a), key(b)];
    const index = left.findIndex((part, at) => part !== right[at]);
    const order = index === -1 ? 0 : (left[index] ?? 0) < (right[index] ?? 0) ? -1 : 1;
    return dir === "asc" ? order : -order;
  };

describe("a page of runs", () => {
  it("is what a plain filter over all rows gives, with its total", () => {
    const queries = fc.record({
      ...paging,
      sortDir,
      jobId: maybe(fc.constantFrom(...JOBS, "none")),
      runId: maybe(fc.constantFrom("run-0-0", "none")),
      statuses: subset(["ok", "error", "skipped"] as const),
      runStatuses: subset(RUN_STATUSES),
      deliveryStatuses: subset(DELIVERY_STATUSES),
      text: maybe(fc.constantFrom("plain", "PLAIN", "%", "_", "\\", "disk full", "run-7", "nothing at all")),
      sinceMs: maybe(fc.integer({ min: 990, max: 1_110 })),
      untilMs: maybe(fc.integer({ min: 990, max: 1_110 })),
    });
    const fits = (run: RunRecord, query: RunQuery): boolean => {
      const word = toWireStatus(run.status);
      const text = query.text?.toLowerCase();
      return (
        (query.jobId === undefined || run.jobId === query.jobId) &&
        (query.runId === undefined || run.id === query.runId) &&
        (!query.statuses?.length || (word !== undefined && query.statuses.includes(word))) &&
        (!query.runStatuses?.length || query.runStatuses.includes(run.status)) &&
        (!query.deliveryStatuses?.length || query.deliveryStatuses.includes(run.deliveryStatus)) &&
        (query.sinceMs === undefined || run.queuedAtMs >= query.sinceMs) &&
        (query.untilMs === undefined || run.queuedAtMs <= query.untilMs) &&
        (text === undefined ||
          [run.id, run.jobName, run.summary ?? "", run.error ?? ""].some((field) => field.toLowerCase().includes(text)))
      );
    };
    fc.assert(
      fc.property(queries, (raw) => {
        const query: RunQuery = present(raw);
        const filtered =
          query.statuses?.length ||
          query.runStatuses?.length ||
          query.sinceMs !== undefined ||
          query.untilMs !== undefined;
        const key = (run: RunRecord) => (query.runId === undefined && filtered ? [run.queuedAtMs, run.seq] : [run.seq]);
        const expected = runs.filter((run) => fits(run, query)).sort(by(key, query.sortDir ?? "desc"));
        const got = test.ledger.runs.list(query);
        expect(got.rows.map((run) => run.id)).toEqual(page(expected, query).map((run) => run.id));
        expect(got.total).toBe(expected.length);
        expect(walk((cursor) => test.ledger.runs.list({ ...query, ...cursor }))).toEqual(expected.map((run) => run.id));
      }),
      { numRuns: 400 },
    );
  });
});

describe("a page of jobs", () => {
  it("is what a plain filter over all rows gives, with its total", () => {
    const queries = fc.record({
      ...paging,
      sortDir,
      sortBy: maybe(fc.constantFrom("nextRunAtMs" as const, "updatedAtMs" as const, "name" as const)),
      enabled: maybe(fc.boolean()),
      includeDisabled: maybe(fc.boolean()),
      text: maybe(fc.constantFrom("grün", "GRÜN 3", "plain", "true", "job-1", "nothing at all")),
      scheduleKind: maybe(fc.constantFrom("cron", "every", "at")),
      lastStatus: maybe(fc.constantFrom("ok" as const, "error" as const, "unknown" as const)),
    });
    const fits = (job: JobRecord, query: JobQuery): boolean => {
      const enabled = query.enabled ?? (query.includeDisabled === true ? undefined : true);
      const text = query.text?.toLowerCase();
      return (
        (enabled === undefined || job.enabled === enabled) &&
        (query.scheduleKind === undefined || job.definition.schedule.kind === query.scheduleKind) &&
        (query.lastStatus === undefined || (job.lastStatus ?? "unknown") === query.lastStatus) &&
        (text === undefined ||
          [job.definition.name, job.id, "true"].some((field) => field.toLowerCase().includes(text)))
      );
    };
    const keys: Record<string, (job: JobRecord) => (number | string)[]> = {
      nextRunAtMs: (job) => [job.nextDueMs ?? Number.POSITIVE_INFINITY, job.id],
      updatedAtMs: (job) => [job.updatedAtMs, job.id],
      name: (job) => [job.definition.name.toLowerCase(), job.id],
    };
    fc.assert(
      fc.property(queries, (raw) => {
        const query: JobQuery = present(raw);
        const key = keys[query.sortBy ?? "nextRunAtMs"] ?? (() => []);
        const expected = jobs.filter((job) => fits(job, query)).sort(by(key, query.sortDir ?? "asc"));
        const got = test.ledger.jobs.list(query);
        expect(got.rows.map((job) => job.id)).toEqual(page(expected, query).map((job) => job.id));
        expect(got.total).toBe(expected.length);
        expect(walk((cursor) => test.ledger.jobs.list({ ...query, ...cursor }))).toEqual(expected.map((job) => job.id));
      }),
      { numRuns: 300 },
    );
  });
});

describe("a page of deliveries", () => {
  it("is what a plain filter over all rows gives, with its total", () => {
    const queries = fc.record({
      ...paging,
      sortDir,
      state: maybe(fc.constantFrom(...STATES, "open" as const)),
      lane: maybe(fc.constantFrom("lane-1", "none")),
      jobId: maybe(fc.constantFrom(...JOBS)),
      runId: maybe(fc.constantFrom("r-4", "r-6")),
      kind: maybe(fc.constantFrom("alert" as const, "result" as const)),
    });
    const fits = (one: DeliveryRecord, query: DeliveryQuery): boolean =>
      (query.state === undefined ||
        (query.state === "open" ? ["pending", "sending"].includes(one.state) : one.state === query.state)) &&
      (["lane", "jobId", "runId", "kind"] as const).every(
        (field) => query[field] === undefined || one[field] === query[field],
      );
    fc.assert(
      fc.property(queries, (raw) => {
        const query: DeliveryQuery = present(raw);
        const expected = deliveries
          .filter((one) => fits(one, query))
          .sort(by((one) => [one.seq], query.sortDir ?? "desc"));
        const got = test.ledger.deliveries.list(query);
        expect(got.rows.map((one) => one.id)).toEqual(page(expected, query).map((one) => one.id));
        expect(got.total).toBe(expected.length);
        const all = walk((cursor) => test.ledger.deliveries.list({ ...query, ...cursor }));
        expect(all).toEqual(expected.map((one) => one.id));
      }),
      { numRuns: 300 },
    );
  });
});

describe("totals of long lists", () => {
  it("are exact without filters, and bounded where they would have to be counted", () => {
    const big = createTestLedger();
    const many = COUNT_AHEAD + 500;
    big.ledger.transaction(() => {
      for (let index = 0; index < many; index += 1) {
        big.ledger.runs.insert(newRun(`r-${index}`, `j-${index % 2}`, { status: "skipped" }));
      }
    });
    const first = { limit: 10, offset: 0 };
    expect(big.ledger.runs.list(first).total).toBe(many);
    expect(big.ledger.runs.list({ ...first, jobId: "j-0" }).total).toBe(many / 2);
    expect(big.ledger.runs.list({ ...first, statuses: ["skipped"] }).total).toBe(COUNT_AHEAD + 10);
    expect(big.ledger.runs.list({ limit: 10, offset: 495, statuses: ["skipped"] }).total).toBe(many);
    big.remove();
  });
});
