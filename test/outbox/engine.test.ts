import { describe, expect, it } from "vitest";
import type { OutboundMessage, SendResult } from "../../src/outbox/port.ts";
import { createDispatcher } from "../../src/rpc/index.ts";
import { settle } from "../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";
import { waitFor } from "../helpers/wait-for.ts";

const OWNER = { mode: "announce", channel: "irc", to: "#owner" } as const;
const OPS = { mode: "announce", channel: "irc", to: "#ops" } as const;
const report = {
  ...{ team: "alpha", worker: "w1", taskId: "T-1", progress: "3 of 7", done: "完成", next: "далее" },
  ...{ status: "normal", source: "manual-checkpoint" },
};

async function start(options: Parameters<typeof startTestEngine>[0] = {}): Promise<TestEngine> {
  return startTestEngine({ config: { alerts: { destination: OWNER } }, ...options });
}
/** Runs the job once and ends its command; answers the run's entry once its messages are settled. */
async function run(test: TestEngine, id: string, end: Parameters<TestEngine["runner"]["end"]>[1] = {}) {
  const { runId = "" } = await test.engine.runJob(id, CALLER, {});
  await waitFor(() => test.runner.running.has(`${runId}.1`));
  test.runner.end(`${runId}.1`, end);
  await waitFor(() => test.engine.getRun(runId).status !== undefined);
  await settle();
  return waitFor(() => {
    const entry = test.engine.getRun(runId);
    return entry.deliveryStatus === "pending" ? undefined : entry;
  });
}

const answers = (how: Record<string, SendResult>) => (message: OutboundMessage) =>
  how[message.to ?? ""] ?? { kind: "sent" as const, messageIds: ["m1"] };

describe("a job's output", () => {
  it("goes to a channel, to a webhook, or nowhere", async () => {
    const test = await start();
    const announce = await test.add({ delivery: OPS });
    const webhook = await test.add({ delivery: { mode: "webhook", to: "https://example.com/hook" } });
    const none = await test.add({ delivery: { mode: "none" } });
    expect((await run(test, announce, { out: "hello" })).deliveryStatus).toBe("delivered");
    expect((await run(test, webhook, { out: "hello" })).deliveryStatus).toBe("delivered");
    expect((await run(test, none, { out: "hello" })).deliveryStatus).toBe("not-requested");
    expect(test.sent.map(({ mode, to, text }) => [mode, to, text])).toEqual([
      ["announce", "#ops", "hello"],
      ["webhook", "https://example.com/hook", "hello"],
    ]);
    expect(JSON.parse(test.sent[1]?.body ?? "")).toMatchObject({ action: "finished", status: "ok", stdout: "hello" });
  });

  it("is what the command said and nothing else", async () => {
    const test = await start();
    const id = await test.add({ delivery: OPS });
    const said = "line 1\n  line 2 — ünïcödé 🚀";
    await run(test, id, { out: `${said}\n` });
    expect(test.sent[0]?.text).toBe(said);
  });

  it("is sent for a failed and for a timed-out run, too", async () => {
    const test = await start({ config: {} });
    const id = await test.add({ delivery: OPS, failureAlert: false });
    await run(test, id, { exitCode: 3, err: "no such table" });
    await run(test, id, { outcome: "timed_out", exitCode: null, out: "half of it" });
    expect(test.sent[0]?.text).toContain("no such table");
    expect(test.sent[1]?.text).toContain("half of it");
  });

  it("that cannot be delivered leaves the run as it was and says why", async () => {
    const refused: SendResult = { kind: "failed", permanent: true, error: "no such channel" };
    const test = await start({ answer: answers({ "#ops": refused }) });
    const id = await test.add({ delivery: OPS });
    expect(await run(test, id, { out: "hello" })).toMatchObject({
      status: "ok",
      completionStatus: "failed",
      deliveryStatus: "not-delivered",
      deliveryError: "no such channel",
    });
    expect(test.engine.getJob(id).state).toMatchObject({ consecutiveErrors: 0, lastStatus: "ok" });
  });

  it("makes a run complete without its best-effort messages", async () => {
    const refused: SendResult = { kind: "failed", permanent: true, error: "no such channel" };
    const test = await start({ answer: answers({ "#ops": refused }) });
    const id = await test.add({ delivery: { ...OPS, bestEffort: true } });
    expect(await run(test, id, { out: "hello" })).toMatchObject({
      status: "ok",
      completionStatus: "succeeded",
      deliveryError: "best effort: no such channel",
    });
  });

  it("is found again by its run, with message ids and attempts", async () => {
    const test = await start({ answer: answers({ "#ops": { kind: "sent", messageIds: ["m7"] } }) });
    const id = await test.add({ delivery: OPS });
    const entry = await run(test, id, { out: "hello" });
    const { deliveries } = test.engine.listDeliveries({ runId: entry.runId, limit: 10, offset: 0 });
    expect(deliveries).toMatchObject([
      { state: "sent", messageIds: ["m7"], attempts: 1, tries: [{ result: "sent" }], text: "hello" },
    ]);
  });

  it("fans out: one run, a row and a receipt for each receiver", async () => {
    const test = await start();
    const id = await test.add({ delivery: { ...OPS, also: [{ mode: "announce", channel: "irc", to: "#dev" }] } });
    const entry = await run(test, id, { out: "hello" });
    const { deliveries } = test.engine.listDeliveries({ runId: entry.runId, limit: 10, offset: 0 });
    expect(deliveries.map(({ lane, state }) => `${lane} ${state}`).sort()).toEqual([
      "announce/irc/#dev sent",
      "announce/irc/#ops sent",
    ]);
  });

  it("speaks by exception where the job says so: on failure, or when a word asks for a person", async () => {
    const test = await start();
    const match = "ACTION REQUIRED|ALERT|^command (exited|timed out|stopped|failed|produced)";
    const id = await test.add({ delivery: OPS, failureAlert: false, policy: { deliver: { match } } });
    await run(test, id, { out: "all good" });
    await run(test, id, { out: "disk 97 % full, ALERT" });
    await run(test, id, { exitCode: 2, out: "cannot look" });
    expect(test.sent.map(({ text }) => text.split("\n")[0])).toEqual(["disk 97 % full, ALERT", "cannot look"]);
  });

  it("is told once, however often the gateway starts again", async () => {
    const test = await start();
    const id = await test.add({ delivery: OPS });
    await run(test, id, { out: "done" });
    for (let n = 0; n < 3; n += 1) await test.restart();
    expect(test.sent.map(({ text }) => text)).toEqual(["done"]);
  });

  it("waits for quiet hours to end when the run went well, and not when it failed", async () => {
    const quietHours = [{ start: "11:00", end: "13:00", tz: "UTC", to: "#ops" }];
    const test = await start({ config: { delivery: { quietHours } } });
    const id = await test.add({ delivery: OPS, failureAlert: false });
    await run(test, id, { exitCode: 1, err: "broken" });
    const { runId = "" } = await test.engine.runJob(id, CALLER, {});
    await waitFor(() => test.runner.running.has(`${runId}.1`));
    test.runner.end(`${runId}.1`, { out: "all good" });
    await waitFor(() => test.engine.getRun(runId).status === "ok");
    await settle();
    expect(test.sent.map(({ text }) => text)).toEqual([expect.stringContaining("broken")]);
  });
});

describe("a retry of everything", () => {
  it("leaves out what the gateway keeps and what has no destination any more, and takes the rest", async () => {
    const gone: SendResult = { kind: "failed", permanent: true, error: "HTTP 410", disableDestination: true };
    const dead: SendResult = { kind: "failed", permanent: true, error: "no such channel" };
    let down = true;
    const test = await start({
      config: {},
      answer: (message) => {
        if (message.mode === "webhook") return gone;
        if (message.to === "#held") return { kind: "held" };
        return down ? dead : { kind: "sent", messageIds: [] };
      },
    });
    const also = ["#held", "#b"].map((to) => ({ mode: "announce" as const, channel: "irc", to }));
    const hook = { mode: "webhook" as const, to: "https://example.com/hook" };
    const id = await test.add({ delivery: { ...OPS, also: [...also, hook] }, failureAlert: false });
    const { runId = "" } = await test.engine.runJob(id, CALLER, {});
    await waitFor(() => test.runner.running.has(`${runId}.1`));
    test.runner.end(`${runId}.1`, { out: "hello" });
    const states = () =>
      Object.fromEntries(
        test.engine
          .listDeliveries({ runId, limit: 10, offset: 0 })
          .deliveries.map(({ lane, state, custody }) => [lane.split("/").at(-1), custody ?? state]),
      );
    const count = (wanted: string) => Object.values(states()).filter((state) => state === wanted).length;
    await waitFor(() => count("dead") === 3 && count("gateway") === 1);
    down = false;
    const ask = createDispatcher(() => test.engine).dispatch;
    const retried = (params: Record<string, unknown>) => ask("cron.command.deliveries.retry", params, CALLER);
    expect(await retried({ all: true })).toMatchObject({ retried: expect.any(Number) });
    await waitFor(() => count("sent") === 2);
    expect(states()).toEqual({ "#ops": "sent", "#b": "sent", "#held": "gateway", hook: "dead" });
    await expect(retried({ destination: "webhook/https://example.com/hook" })).rejects.toMatchObject({
      code: "DELIVERY_STATE",
    });
  });
});

describe("failure notices", () => {
  it("are one for ten failures, and one note when the job is well again", async () => {
    const test = await start();
    const id = await test.add({ delivery: { mode: "none" } });
    for (let n = 0; n < 10; n += 1) await run(test, id, { exitCode: 1, err: "broken" });
    await run(test, id, { out: "fine" });
    await waitFor(() => test.sent.length >= 2);
    await settle();
    expect(test.sent.map(({ to, text }) => [to, text.split("\n")[0]])).toEqual([
      ["#owner", "✗ job · exit 1 · 2nd in a row"],
      ["#owner", expect.stringMatching(/^✓ job · well again · after 10 failed runs/)],
    ]);
  });
});

describe("reports", () => {
  it("go to the owner with all eight fields, or elsewhere for one call", async () => {
    const test = await start();
    await test.engine.report(report, CALLER);
    await test.engine.report({ ...report, to: OPS }, CALLER);
    await test.engine.report(report, CALLER);
    await waitFor(() => test.sent.length === 3);
    expect(test.sent.map(({ to }) => to).sort()).toEqual(["#ops", "#owner", "#owner"]);
    for (const value of Object.values(report)) expect(test.sent[0]?.text).toContain(value);
  });

  it("in a dry run show the text and what would go first, and change nothing", async () => {
    const test = await start({ answer: () => ({ kind: "failed", permanent: false, error: "down" }) });
    expect(await test.engine.report({ ...report, dryRun: true }, CALLER)).toEqual({
      text: expect.stringContaining("T-1"),
    });
    const { deliveryId } = await test.engine.report(report, CALLER);
    await test.engine.report({ ...report, taskId: "T-2" }, CALLER);
    await waitFor(() => test.engine.getDelivery(deliveryId ?? "").reason === "down");
    const counted = test.engine.listDeliveries({ limit: 10, offset: 0 }).total;
    const dry = await test.engine.report({ ...report, taskId: "T-3", dryRun: true }, CALLER);
    expect(dry).toMatchObject({ wouldSendFirst: deliveryId, text: expect.stringContaining("T-3") });
    expect(test.engine.listDeliveries({ limit: 10, offset: 0 }).total).toBe(counted);
  });

  it("are listed, waiting and sent, with their age, and found by id", async () => {
    const test = await start({ answer: answers({ "#ops": { kind: "failed", permanent: false, error: "down" } }) });
    const sent = (await test.engine.report(report, CALLER)).deliveryId ?? "";
    const waiting = (await test.engine.report({ ...report, to: OPS }, CALLER)).deliveryId ?? "";
    await waitFor(() => test.engine.getDelivery(sent).state === "sent");
    await waitFor(() => test.engine.getDelivery(waiting).reason === "down");
    const list = (state: "open" | "sent") =>
      test.engine.listDeliveries({ state, kind: "report", limit: 10, offset: 0 }).deliveries;
    expect(list("open")).toMatchObject([{ deliveryId: waiting, reason: "down", createdAtMs: expect.any(Number) }]);
    expect(list("sent")).toMatchObject([{ deliveryId: sent }]);
    expect(test.engine.status().lanes).toMatchObject([{ lane: "announce/irc/#ops", pending: 1 }]);
  });

  it("without a target are refused by name", async () => {
    const test = await start({ config: {} });
    await expect(test.engine.report(report, CALLER)).rejects.toThrow(
      expect.objectContaining({ code: "DELIVERY_TARGET_MISSING" }),
    );
  });

  const BAD = { mode: "webhook", to: "https://user:hunter2@example.com/x" } as const;

  it("to a webhook that cannot be used are refused, and its address is not repeated", async () => {
    const test = await start();
    for (const to of [BAD, { ...BAD, to: "ftp://example.com" }, { mode: "webhook" as const }]) {
      for (const dryRun of [true, false]) {
        const error = await test.engine.report({ ...report, to, dryRun }, CALLER).catch((thrown) => thrown);
        expect(error).toMatchObject({ code: "WEBHOOK_URL_INVALID", details: { field: "to.to" } });
        expect(JSON.stringify([error.message, error.details])).not.toContain("hunter2");
      }
    }
    expect(test.engine.listDeliveries({ limit: 10, offset: 0 }).total).toBe(0);
  });

  it("to a configured webhook that cannot be used are refused as well; a notice tells of the setting", async () => {
    const test = await start({ config: { alerts: { after: 1, destination: BAD } } });
    const { notices } = test.engine.status();
    expect(notices).toMatchObject([{ code: "CONFIG_INVALID" }]);
    expect(notices[0]?.message).toMatch(/^alerts\.destination\.to: the webhook address cannot be used/);
    expect(JSON.stringify(notices)).not.toContain("hunter2");
    await expect(test.engine.report(report, CALLER)).rejects.toMatchObject({ code: "DELIVERY_TARGET_MISSING" });
    await run(test, await test.add(), { exitCode: 1 });
    expect(test.sent).toEqual([]);
  });
});
