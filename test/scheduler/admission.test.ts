import { beforeEach, describe, expect, it } from "vitest";
import type { NewRun, RunRecord } from "../../src/ledger/types.ts";
import { type Admission, type AdmissionDeps, createAdmission } from "../../src/scheduler/admission.ts";
import { createTestLedger, newJob, newRun, type TestLedger } from "../helpers/ledger.ts";

let test: TestLedger;
let launched: string[][];
let refused: string[];

beforeEach(() => {
  test = createTestLedger();
  [launched, refused] = [[], []];
});

function create(change: Partial<AdmissionDeps> = {}): Admission {
  return createAdmission({
    ledger: test.ledger,
    clock: test.clock,
    concurrency: 2,
    pools: { small: 1 },
    admit: () => ({ job: undefined }),
    began: () => {},
    unclaimable(run) {
      refused.push(run.id);
      test.ledger.runs.settle(run.id, { status: "failed", endedAtMs: 1, deliveryStatus: "not-requested" });
      return true;
    },
    launch: (claims) => launched.push(claims.map(({ run }) => run.id)),
    ...change,
  });
}

/** A queued run of a job of its own, unless one is named. */
function queue(id: string, change: Partial<NewRun> & { jobId?: string } = {}): void {
  const { jobId = `job-${id}` } = change;
  if (test.ledger.jobs.get(jobId) === undefined) test.ledger.jobs.insert(newJob(jobId));
  test.ledger.runs.insert(newRun(id, jobId, { exclusive: false, ...change }));
}

const statusOf = (id: string) => test.ledger.runs.get(id)?.status;

describe("slots", () => {
  it("are given to as many runs as there are, the oldest first, and again when one is released", () => {
    for (const id of ["a", "b", "c"]) queue(id);
    const admission = create();
    admission.pump();
    expect(launched).toEqual([["a", "b"]]);
    expect(["a", "b", "c"].map(statusOf)).toEqual(["running", "running", "queued"]);
    admission.free("a");
    admission.free("a");
    admission.pump();
    expect(launched).toEqual([["a", "b"], ["c"]]);
    expect(admission.running()).toBe(2);
  });

  it("are taken by runs found running after a restart", () => {
    queue("a");
    const admission = create();
    admission.occupy("x", "default");
    admission.occupy("y", "default");
    admission.pump();
    expect(launched).toEqual([]);
  });

  it("wait for a run that is not ready yet", () => {
    queue("later", { readyAtMs: test.clock.nowMs() + 1_000 });
    create().pump();
    expect(launched).toEqual([]);
  });
});

describe("turns", () => {
  it("a full pool holds up no other", () => {
    for (const id of ["s1", "s2", "s3"]) queue(id, { pool: "small" });
    queue("other");
    create().pump();
    expect(launched.flat().sort()).toEqual(["other", "s1"]);
  });

  it("the jobs of a pool take turns, however long one's queue is", () => {
    for (let index = 0; index < 20; index += 1) queue(`flood${index}`, { jobId: "flood" });
    queue("small", { jobId: "quiet" });
    create().pump();
    expect(launched.flat()).toContain("small");
  });

  it("a pool called like something every object has is a pool without a limit of its own", () => {
    queue("a", { pool: "constructor" });
    queue("b", { pool: "constructor" });
    create().pump();
    expect(launched.flat()).toEqual(["a", "b"]);
  });
});

describe("a run that cannot be claimed", () => {
  const began = (run: RunRecord): void => {
    if (run.id === "bad") throw new Error("its attempt exists already");
  };

  it("is ended by itself, and the others are claimed", () => {
    queue("bad");
    queue("good");
    create({ began }).pump();
    expect(launched.flat()).toEqual(["good"]);
    expect(refused).toEqual(["bad"]);
  });

  it("is left alone when it cannot be ended either, and holds no slot", () => {
    for (const id of ["bad", "one", "two"]) queue(id);
    const admission = create({ began, unclaimable: () => false });
    admission.pump();
    admission.pump();
    expect(launched.flat().sort()).toEqual(["one", "two"]);
    expect(statusOf("bad")).toBe("queued");
    expect(admission.running()).toBe(2);
  });
});

describe("joined work", () => {
  const ended = { status: "succeeded", endedAtMs: 1, deliveryStatus: "not-requested" } as const;
  let commits = 0;
  let broken = false;

  function leave(admission: Admission, id: string): Promise<void> {
    return admission.join(() => {
      test.ledger.runs.settle(id, ended);
      admission.free(id);
    });
  }

  beforeEach(() => {
    test.remove();
    [commits, broken] = [0, false];
    const at = (point: string) => {
      if (point !== "commit") return;
      if (broken) throw Object.assign(new Error("disk full"), { code: "ERR_SQLITE_ERROR", errcode: 13 });
      commits += 1;
    };
    test = createTestLedger({ faults: { at } });
    for (const id of ["a", "b", "c", "d"]) queue(id);
  });

  it("is committed with the claims: what it frees is given away in the same transaction", async () => {
    const admission = create();
    admission.pump();
    const before = commits;
    const done = [leave(admission, "a"), leave(admission, "b")];
    admission.pump();
    await Promise.all(done);
    expect(commits - before).toBe(1);
    expect(launched.at(-1)).toEqual(["c", "d"]);
    expect(["a", "b", "c", "d"].map(statusOf)).toEqual(["succeeded", "succeeded", "running", "running"]);
  });

  it("that raises undoes only itself", async () => {
    const admission = create();
    admission.pump();
    const bad = admission.join(() => {
      test.ledger.runs.settle("a", ended);
      throw new Error("no");
    });
    const good = leave(admission, "b");
    admission.pump();
    await expect(bad).rejects.toThrow("no");
    await good;
    expect(["a", "b", "c"].map(statusOf)).toEqual(["running", "succeeded", "running"]);
  });

  it("frees no slot when the transaction is lost, and is told so", async () => {
    const admission = create();
    admission.pump();
    broken = true;
    const lost = leave(admission, "a");
    expect(() => admission.pump()).toThrow("disk full");
    await expect(lost).rejects.toThrow("disk full");
    expect([admission.running(), statusOf("a")]).toEqual([2, "running"]);
    broken = false;
    const alone = leave(admission, "a");
    admission.alone();
    await alone;
    expect([admission.running(), statusOf("a"), statusOf("c")]).toEqual([1, "succeeded", "queued"]);
  });
});
