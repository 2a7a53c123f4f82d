import { afterEach, describe, expect, it } from "vitest";
import type { Logger } from "../../../src/kernel/logger.ts";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { settle } from "../../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../../helpers/engine.ts";

let test: TestEngine;
afterEach(async () => {
  await test.stop();
});

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
    expect(test.engine.status().runs).toEqual({ queued: 0, running: 0 });
    expect(await test.engine.runJob(jobId, CALLER, {})).toMatchObject({ enqueued: true });
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
    expect(test.runner.started.map((spec) => spec.attemptKey)).toEqual([`${runId}.2`]);
  });
});

describe("a command's directory", () => {
  it.each([
    ["is the home directory when the job names none", undefined, "/home/test"],
    ["may name the home directory", "~", "/home/test"],
    ["may be below the home directory", "~/scripts", "/home/test/scripts"],
    ["is otherwise the one that is named", "/srv/~app", "/srv/~app"],
    ["knows no other user's home", "~other", "~other"],
  ])("%s", async (_, cwd, expected) => {
    test = await startTestEngine({ deps: { homeDir: "/home/test" } });
    const payload = { kind: "command" as const, argv: ["true"], ...(cwd === undefined ? {} : { cwd }) };
    const id = await test.add({ payload });
    await test.engine.runJob(id, CALLER, {});
    await settle();
    expect(test.runner.started.map((spec) => spec.cwd)).toEqual([expected]);
  });
});
