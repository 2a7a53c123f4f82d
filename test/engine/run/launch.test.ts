import { describe, expect, it } from "vitest";
import type { Logger } from "../../../src/kernel/logger.ts";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { settle } from "../../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../../helpers/engine.ts";

let test: TestEngine;

/** A run that is claimed and waits for its secret; `give` answers it. */
async function waitingForItsSecret(logger: Logger = silentLogger) {
  const asked: ((value: string | Promise<string>) => void)[] = [];
  test = await startTestEngine({
    deps: { logger, resolveSecret: () => new Promise<string>((resolve) => asked.push(resolve)) },
  });
  const secrets = { TOKEN: { source: "exec" as const, provider: "vault", id: "token" } };
  const jobId = await test.add({ policy: { env: { secrets } } });
  const { runId } = (await test.engine.runJob(jobId, CALLER, {})) as { runId: string };
  await settle();
  expect(test.engine.getRun(runId).runStatus).toBe("running");
  expect(test.runner.started).toEqual([]);
  return { jobId, runId, give: (value: string | Promise<string>) => asked[0]?.(value) };
}

describe("between claim and start", () => {
  it("a run can be canceled: it never starts, and its job is free at once", async () => {
    const { jobId, runId, give } = await waitingForItsSecret();
    expect(await test.engine.cancel({ runId }, CALLER)).toEqual({ canceled: [{ runId, left: 0 }] });
    expect(test.engine.getRun(runId)).toMatchObject({ runStatus: "canceled", reason: "canceled by test" });
    give("late");
    await settle();
    expect(test.runner.started).toEqual([]);
    expect(test.engine.status().runs).toEqual({ queued: 0, awaiting: 0, running: 0 });
    expect(await test.engine.runJob(jobId, CALLER, {})).toMatchObject({ enqueued: true });
  });

  it("a provider that does not answer ends its own run by name; the slot is free and others have gone on", async () => {
    test = await startTestEngine({
      config: { concurrency: 2 },
      deps: { resolveSecret: () => new Promise<string>(() => {}) },
    });
    const secrets = { TOKEN: { source: "exec" as const, provider: "vault", id: "token" } };
    const silent = await test.add({ policy: { env: { secrets } } });
    const other = await test.add({ name: "other" });
    const { runId } = (await test.engine.runJob(silent, CALLER, {})) as { runId: string };
    await test.engine.runJob(other, CALLER, {});
    await settle();
    expect(test.runner.started).toHaveLength(1);
    await test.clock.advance(29_000);
    expect(test.engine.getRun(runId).runStatus).toBe("running");
    await test.clock.advance(2_000);
    expect(test.engine.getRun(runId)).toMatchObject({
      runStatus: "failed",
      attempts: [{ outcome: "spawn_failed" }],
      error: expect.stringMatching(/exec:vault:token: .*Expected an answer within 30 s\. Got none\./),
    });
    expect(test.engine.status()).toMatchObject({ state: "running", runs: { queued: 0, running: 1 } });
    expect(await test.engine.runJob(silent, CALLER, {})).toMatchObject({ enqueued: true });
  });

  it.each([
    ["a secret", () => "late"],
    ["a refusal", () => Promise.reject(new Error("the provider ended"))],
  ])("the service can stop: %s that comes then starts and writes nothing, and the run goes back", async (_, answer) => {
    const errors: string[] = [];
    const { runId, give } = await waitingForItsSecret({ ...silentLogger, error: (text) => errors.push(text) });
    await test.engine.stop();
    give(answer());
    await settle();
    await test.clock.advance(60_000);
    expect(errors).toEqual([]);
    expect(test.runner.started).toEqual([]);
    await test.restart({ resolveSecret: async () => "known" });
    await settle();
    // What never started has taken no attempt.
    expect(test.runner.started.map((spec) => spec.attemptKey)).toEqual([`${runId}.1`]);
    expect(test.engine.getRun(runId).attempts.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [1, undefined],
    ]);
  });
});

describe("a command's directory", () => {
  it.each([
    ["is the home directory when the job names none", undefined, "/home/test"],
    ["may name the home directory", "~", "/home/test"],
    ["may be below the home directory", "~/scripts", "/home/test/scripts"],
    ["is otherwise the one that is named", "/srv/~app", "/srv/~app"],
    ["knows no other user's home", "~other", "/home/test/~other"],
    ["lies below the home directory when it is relative", "scripts/x", "/home/test/scripts/x"],
  ])("%s", async (_, cwd, expected) => {
    test = await startTestEngine({ deps: { homeDir: "/home/test" } });
    const payload = { kind: "command" as const, argv: ["true"], ...(cwd === undefined ? {} : { cwd }) };
    const id = await test.add({ payload });
    await test.engine.runJob(id, CALLER, {});
    await settle();
    expect(test.runner.started.map((spec) => spec.cwd)).toEqual([expected]);
  });
});

describe("an edit", () => {
  const argvOf = (index: number) => test.runner.started[index]?.argv;

  it("reaches the next attempt of a run and what waits, and each run says what it ran", async () => {
    test = await startTestEngine();
    const jobId = await test.add({ policy: { retry: { maxAttempts: 2, delaySeconds: 30 } } });
    const { runId = "" } = await test.engine.runJob(jobId, CALLER, {});
    await settle();
    expect(test.engine.getRun(runId).configRevision).toBe("r1");
    test.runner.end(`${runId}.1`, { exitCode: 1 });
    await settle(10);
    await test.engine.updateJob(jobId, { payload: { argv: ["fixed"] } }, CALLER);
    expect(test.engine.getRun(runId).configRevision).toBe("r1");
    await test.clock.advance(31_000);
    expect([argvOf(0), argvOf(1)]).toEqual([["true"], ["fixed"]]);
    expect(test.engine.getRun(runId).configRevision).toBe("r2");
  });

  it("between claim and start is for the next attempt", async () => {
    const { jobId, runId, give } = await waitingForItsSecret();
    await test.engine.updateJob(jobId, { payload: { argv: ["later"] } }, CALLER);
    give("known");
    await settle();
    expect(argvOf(0)).toEqual(["true"]);
    expect(test.engine.getRun(runId).configRevision).toBe("r1");
  });

  it("that disables the job ends what waits and has not begun; what has begun goes on", async () => {
    test = await startTestEngine();
    const jobId = await test.add({ policy: { overlap: "buffer_all" } });
    await test.clock.advance(4 * 60_000);
    const asked = await test.engine.runJob(jobId, CALLER, {});
    const statuses = () =>
      test.engine.runs({ jobId, limit: 9, offset: 0, sortDir: "asc" }).entries.map((run) => run.runStatus);
    expect(statuses()).toEqual(["running", "queued", "queued", "queued", "queued"]);
    await test.engine.updateJob(jobId, { enabled: false }, CALLER);
    expect(statuses()).toEqual(["running", "canceled", "canceled", "canceled", "queued"]);
    expect(test.engine.runs({ jobId, limit: 1, offset: 1 }).entries[0]?.reason).toBe(
      "canceled by test, who disabled the job",
    );
    for (const key of [...test.runner.running.keys()]) test.runner.end(key);
    await settle(10);
    expect(test.engine.getRun(asked.runId ?? "").runStatus).toBe("running");
  });
});
