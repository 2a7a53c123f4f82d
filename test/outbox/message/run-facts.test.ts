import { describe, expect, it } from "vitest";
import { DEV, DOWN, HOOK, REFUSED, SENT, startTestOutbox as start, type TestOutbox } from "../fixture.ts";

/** A job with one run, and what the run and the job remember of its delivery. */
function prepare(test: TestOutbox) {
  const jobId = test.addJob();
  const runId = test.addRun(jobId);
  return {
    jobId,
    runId,
    run: () => test.ledger.runs.get(runId),
    status: () => test.ledger.runs.get(runId)?.deliveryStatus,
    job: () => test.ledger.jobs.get(jobId),
  };
}

describe("what a run remembers of its delivery", () => {
  it("is a fact of its own beside how the command ended", async () => {
    const test = await start();
    const { jobId, runId, run, job } = prepare(test);
    test.answer(REFUSED);
    test.put("x", { jobId, runId });
    await test.outbox.idle();
    expect(run()).toMatchObject({ status: "succeeded", deliveryStatus: "not-delivered", deliveryError: "HTTP 404" });
    expect(job()).toMatchObject({ lastDeliveryStatus: "not-delivered", lastDeliveryError: "HTTP 404" });
  });

  it("follows a webhook from pending, with the reason, to delivered", async () => {
    const test = await start();
    const { jobId, runId, run } = prepare(test);
    test.answer(DOWN);
    test.put("x", { jobId, runId, destination: HOOK });
    await test.outbox.idle();
    expect(run()).toMatchObject({ deliveryStatus: "pending", deliveryError: "connection refused" });
    test.answer(SENT);
    await test.advance(5_000);
    expect(run()?.deliveryStatus).toBe("delivered");
    expect(run()?.deliveryError).toBeUndefined();
  });

  it("is delivered when all required messages are, and not before", async () => {
    const test = await start();
    const { jobId, runId, status } = prepare(test);
    test.answer((message) => (message.to === "#dev" ? DOWN : SENT));
    test.put("a", { jobId, runId });
    test.put("b", { jobId, runId, destination: DEV });
    await test.outbox.idle();
    expect(status()).toBe("pending");
    test.answer(SENT);
    await test.advance(5_000);
    expect(status()).toBe("delivered");
  });

  it("is not delivered when one required message is dead, whatever arrived elsewhere", async () => {
    const test = await start();
    const { jobId, runId, run } = prepare(test);
    test.answer((message) => (message.to === "#dev" ? REFUSED : SENT));
    test.put("a", { jobId, runId });
    test.put("b", { jobId, runId, destination: DEV });
    await test.outbox.idle();
    expect(run()).toMatchObject({ deliveryStatus: "not-delivered", deliveryError: "HTTP 404" });
  });

  it("is not spoilt by a best-effort message, whose failure is told all the same", async () => {
    const test = await start();
    const one = prepare(test);
    test.answer((message) => (message.to === "#dev" ? REFUSED : SENT));
    test.put("a", { ...{ jobId: one.jobId, runId: one.runId } });
    test.put("b", { jobId: one.jobId, runId: one.runId, destination: DEV, required: false });
    await test.outbox.idle();
    expect(one.status()).toBe("delivered");
    const other = prepare(test);
    test.put("c", { jobId: other.jobId, runId: other.runId, destination: DEV, required: false });
    await test.outbox.idle();
    expect(other.run()).toMatchObject({ deliveryStatus: "not-requested", deliveryError: "best effort: HTTP 404" });
  });

  it("is unknown while a message's fate is, and what a person settles", async () => {
    const test = await start();
    const { jobId, runId, status } = prepare(test);
    test.answer({ kind: "unknown", error: "cut" });
    const id = test.put("x", { jobId, runId });
    await test.outbox.idle();
    expect(status()).toBe("unknown");
    test.outbox.settle(id, "sent", "ann");
    expect(status()).toBe("delivered");
  });

  it("is pending while the gateway keeps the message: handed over is not delivered", async () => {
    const test = await start();
    const { jobId, runId, run } = prepare(test);
    test.answer({ kind: "held" });
    test.put("x", { jobId, runId });
    await test.outbox.idle();
    expect(run()).toMatchObject({ deliveryStatus: "pending", deliveryError: expect.stringContaining("handed over") });
  });

  it("is not delivered when a person dropped the message", async () => {
    const test = await start();
    const { jobId, runId, run } = prepare(test);
    test.answer(DOWN);
    const id = test.put("x", { jobId, runId });
    await test.outbox.idle();
    test.outbox.drop(id, "ann");
    expect(run()).toMatchObject({ deliveryStatus: "not-delivered", deliveryError: "dropped by ann" });
  });

  it("does not depend on alerts about the same run", async () => {
    const test = await start();
    const { jobId, runId, status } = prepare(test);
    test.answer((message) => (message.to === "#dev" ? REFUSED : SENT));
    test.put("a", { jobId, runId });
    test.put("alert", { jobId, runId, kind: "alert", destination: DEV, required: false });
    await test.outbox.idle();
    expect(status()).toBe("delivered");
  });

  it("does not touch the job once a later run was the last", async () => {
    const test = await start();
    const { jobId, runId, job } = prepare(test);
    test.answer(DOWN);
    test.put("x", { jobId, runId });
    await test.outbox.idle();
    test.addRun(jobId);
    test.ledger.jobs.patchState(jobId, { lastDeliveryStatus: "not-requested", lastDeliveryError: null });
    test.answer(REFUSED);
    await test.advance(5_000);
    expect(job()?.lastDeliveryStatus).toBe("not-requested");
  });
});
