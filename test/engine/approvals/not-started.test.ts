import { beforeEach, expect, it } from "vitest";
import { CALLER } from "../../helpers/engine.ts";
import { ANNA, asked, gated, pass, settle, standing, startTestEngine, type TestEngine } from "./gated.ts";

const never = { kind: "every", everyMs: 30 * 86_400_000 } as const;
const policy = { approval: { required: true as const }, pool: "one" };

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine({
    config: { pools: { one: 1 }, alerts: { destination: { mode: "announce", channel: "irc", to: "#ops" } } },
  });
});

/** A run that Anna approved, and that waits for the one slot of its pool, or has it. */
async function approved(isBusy: boolean) {
  const id = await test.add(gated({ name: "Deploy", schedule: never, policy }));
  await test.engine.runJob(id, CALLER, {});
  const { runId } = await asked(test);
  if (isBusy) {
    const busy = await test.add({ name: "busy", schedule: never, policy: { pool: "one" } });
    await test.engine.runJob(busy, CALLER, {});
    await settle(10);
  }
  await test.engine.approve(runId, {}, ANNA);
  await settle(10);
  return { id, runId, before: test.sent.length };
}
const said = (since: number): string[] => test.sent.slice(since).map(({ text }) => text);

it("who approved a run that is another by its start hears that it was not started, what has changed, and that it is asked anew", async () => {
  const { runId, before } = await approved(false);
  const error = { code: "CHANGED_AFTER_APPROVAL" as const, message: "it is not what was approved: file deploy.sh" };
  test.runner.end(`${runId}.1`, { outcome: "spawn_failed", exitCode: null, error });
  await pass(test, 2_000);
  expect(standing(test)).toEqual(["skipped: changed_after_approval"]);
  expect(said(before)).toEqual([
    `Deploy was not run, though anna approved run ${runId}: it is not what was approved: file deploy.sh. Its next start is asked about anew`,
  ]);
  const [delivery] = test.engine.listDeliveries({ limit: 1, offset: 0 }).deliveries;
  expect(delivery).toMatchObject({ kind: "approval", state: "sent", runId });
});

it("an edit that voids what was approved is told, once; one that voids what was only asked for is not", async () => {
  const { id, runId, before } = await approved(true);
  await test.engine.updateJob(id, { description: "another" }, CALLER);
  await pass(test, 2_000);
  expect(test.engine.getRun(runId)).toMatchObject({ runStatus: "skipped", reason: "approval_voided" });
  expect(said(before)).toEqual([
    `Deploy was not run, though anna approved run ${runId}: its job was changed by ${CALLER.label}. Its next start is asked about anew`,
  ]);
  test.runner.end([...test.runner.running.keys()][0] ?? "");
  await test.engine.runJob(id, CALLER, {});
  await asked(test);
  const since = test.sent.length;
  await test.engine.updateJob(id, { description: "a third" }, CALLER);
  await pass(test, 2_000);
  expect(said(since)).toEqual([]);
});

it("a job that was changed behind the gateway's back is found at the claim, and told as well", async () => {
  const { id, runId, before } = await approved(true);
  const { ledger } = test.engine.inside;
  const job = ledger.jobs.get(id);
  if (job === undefined) throw new Error("no job");
  const { definition, revision } = job;
  ledger.jobs.replace(id, { definition, enabled: true, updatedAtMs: 0, expectedRevision: revision });
  test.runner.end([...test.runner.running.keys()][0] ?? "");
  await pass(test, 2_000);
  expect(test.engine.getRun(runId)).toMatchObject({ runStatus: "skipped", reason: "approval_voided" });
  expect(said(before)).toEqual([expect.stringMatching(/^Deploy was not run, though anna approved run /)]);
});
