import { describe, expect, it } from "vitest";
import type { EngineApi } from "../../../src/engine/api.ts";
import { CommandCronError } from "../../../src/kernel/errors.ts";
import { createDispatcher } from "../../../src/rpc/index.ts";
import { CALLER, JOB_INPUT, refusal, setUp } from "../dispatching.ts";
import { JOB, jobNotFound, recordingEngine } from "../recording-engine.ts";

describe("cron.command.add", () => {
  it("answers with the job and its next instants", async () => {
    const { ask, calls } = setUp();
    const answer = await ask("add", { ...JOB_INPUT, idempotencyKey: "k" });
    expect(answer).toMatchObject({ id: JOB.id, next: [{ atMs: 60_000 }] });
    expect(calls[0]).toMatchObject({
      method: "addJob",
      args: [{ name: "df", payload: { argv: ["df"] } }, CALLER, { idempotencyKey: "k" }],
    });
  });

  it("answers as the gateway does for a declaration", async () => {
    const { ask } = setUp();
    const answer = await ask("add", { ...JOB_INPUT, declarationKey: "disk" });
    expect(answer).toMatchObject({ created: true, updated: false, job: { id: JOB.id } });
  });

  it("refuses a blank idempotency key", async () => {
    const error = await refusal(setUp().ask("add", { ...JOB_INPUT, idempotencyKey: " " }));
    expect(error.message).toContain("idempotencyKey: ");
  });
});

describe("cron.command.update", () => {
  it("hands over patch, revision and stop", async () => {
    const { ask, calls } = setUp();
    await ask("update", { id: "Disk", patch: { enabled: false }, expectedConfigRevision: "r1", stop: true });
    expect(calls[0]).toEqual({ method: "updateJob", args: ["Disk", { enabled: false }, CALLER, "r1", true] });
  });

  it("measures a new env together with the stored argv", async () => {
    const argv = Array(8).fill("x".repeat(120_000));
    const { ask, calls } = setUp({ getJob: () => ({ ...JOB, payload: { kind: "command", argv } }) });
    const env = Object.fromEntries(["A", "B"].map((name) => [name, "x".repeat(100_000)]));
    const error = await refusal(ask("update", { id: "Disk", patch: { payload: { env } } }));
    expect(error.code).toBe("PAYLOAD_TOO_LARGE");
    expect(calls.map(({ method }) => method)).toEqual(["getJob"]);
    await ask("update", { id: "Disk", patch: { payload: { env, argv: ["true"] } } });
    expect(calls.at(-2)?.method).toBe("updateJob");
  });

  it("with `dryRun` only asks what it would do", async () => {
    const { ask, calls } = setUp();
    const params = { id: "Disk", patch: { enabled: false }, expectedConfigRevision: "r1", stop: true, dryRun: true };
    expect(await ask("update", params)).toMatchObject({ id: JOB.id, dryRun: true, changes: [], warnings: [] });
    expect(await ask("add", { ...JOB_INPUT, dryRun: true, idempotencyKey: "k" })).toMatchObject({ dryRun: true });
    expect(calls.map(({ method }) => method)).toEqual(["previewJob", "look", "previewJob", "look"]);
    expect(calls[0]?.args).toEqual([{ id: "Disk", patch: { enabled: false }, expectedConfigRevision: "r1" }]);
  });
});

describe("cron.command.test", () => {
  it("checks the job as `add` does, then runs it", async () => {
    const { ask, calls } = setUp();
    expect(await ask("test", JOB_INPUT)).toMatchObject({ status: "ok", warnings: [] });
    expect(calls.map(({ method }) => method)).toEqual(["previewJob", "rehearseJob", "look"]);
    expect((await refusal(ask("test", { ...JOB_INPUT, dryRun: true }))).code).toBe("INVALID_PARAMS");
  });
});

describe("cron.command.report and import", () => {
  const REPORT = {
    team: "t",
    worker: "w",
    taskId: "1",
    progress: "",
    done: "",
    next: "",
    status: "normal",
    source: "s",
  };

  it("hands a report over unchanged", async () => {
    const { ask, calls } = setUp();
    const report = { ...REPORT, done: "完成 ✅\n", to: { mode: "announce", channel: "irc", to: "#ops" }, dryRun: true };
    await ask("report", report);
    expect(calls).toEqual([{ method: "report", args: [report, CALLER] }]);
  });

  it("gives the import the same validator as `add`, and does not apply by itself", async () => {
    const { ask, calls } = setUp();
    await ask("import", { file: { version: 1, jobs: [] } });
    const options = calls[0]?.args[1] as { validate(job: unknown): unknown };
    expect(options).toMatchObject({ format: "jobs", apply: false });
    expect(() => options.validate({ payload: {} })).toThrow(CommandCronError);
    expect(options.validate(JOB_INPUT)).toMatchObject({ name: "df" });
  });

  it("takes ten thousand jobs in one call", async () => {
    const { ask, calls } = setUp();
    await ask("import", {
      file: { jobs: Array(10_000).fill({ ...JOB_INPUT, payload: { kind: "command", argv: Array(40).fill("x") } }) },
    });
    expect(calls).toHaveLength(1);
  });
});

describe("cron.command.deliveries.retry", () => {
  const delivery = (deliveryId: string, createdAtMs: number) => ({ deliveryId, createdAtMs });

  it.each([{}, { deliveryId: "d", all: true }, { destination: "x", all: true }, { all: false }])(
    "refuses %j: it must be clear what is meant",
    async (params) => {
      const { ask, calls } = setUp();
      expect((await refusal(ask("deliveries.retry", params))).code).toBe("INVALID_PARAMS");
      expect(calls).toEqual([]);
    },
  );

  it("retries dead and pending ones of a lane, oldest first, page by page", async () => {
    const pages: Record<string, unknown[][]> = {
      dead: [[delivery("b", 2)], [delivery("d", 4)]],
      pending: [[delivery("a", 1), delivery("c", 3)]],
    };
    const listDeliveries = ((query: { state: string; offset: number }) => {
      const all = pages[query.state] ?? [];
      const at = query.offset / 200;
      return { deliveries: all[at], hasMore: at + 1 < all.length };
    }) as unknown as EngineApi["listDeliveries"];
    const { ask, calls } = setUp({ listDeliveries });
    expect(await ask("deliveries.retry", { destination: "irc #ops" })).toMatchObject({ retried: 4 });
    const retried = calls.filter(({ method }) => method === "retryDelivery").map(({ args }) => args[0]);
    expect(retried).toEqual(["a", "b", "c", "d"]);
    expect(calls[0]?.args[0]).toMatchObject({ lane: "irc #ops", state: "dead", sortDir: "asc" });
  });
});

describe("cron.command.adopt and release", () => {
  it("are refused where the gateway's own cron cannot be reached", async () => {
    expect((await refusal(setUp().ask("adopt", { all: true }))).code).toBe("CRON_UNREACHABLE");
  });

  it("plan first, apply when asked", async () => {
    const targets: unknown[] = [];
    const moves = {
      adopt: async (target: unknown) => void targets.push(target),
      release: async (target: unknown) => void targets.push(target),
    };
    const { engine } = recordingEngine();
    const { dispatch } = createDispatcher(
      () => engine,
      () => moves as never,
    );
    await dispatch("cron.command.adopt", { all: true }, CALLER);
    await dispatch("cron.command.release", { jobId: "Disk", apply: true }, CALLER);
    expect(targets).toEqual([
      { all: true, apply: false, force: false },
      { id: "Disk", apply: true, force: false },
    ]);
  });

  it.each([{}, { id: "x", all: true }])("refuse %j", async (params) => {
    expect((await refusal(setUp().ask("release", params))).message).toContain("either a job's `id` or `all: true`");
  });
});

describe("history of what is gone", () => {
  it("is asked for by the id as given", async () => {
    const getRun = (): never => {
      throw new CommandCronError("RUN_NOT_FOUND");
    };
    const { ask, calls } = setUp({ getJob: jobNotFound, getRun });
    await ask("runs", { id: "removed", runId: "pruned" });
    expect(calls.at(-1)).toEqual({
      method: "runs",
      args: [{ limit: 50, offset: 0, jobId: "removed", runId: "pruned" }],
    });
  });

  it("is not mistaken for another failure", async () => {
    const getJob = (): never => {
      throw new CommandCronError("LEDGER_UNAVAILABLE");
    };
    expect((await refusal(setUp({ getJob }).ask("runs", { id: "x" }))).code).toBe("LEDGER_UNAVAILABLE");
  });
});
