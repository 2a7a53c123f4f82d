import { describe, expect, it } from "vitest";
import type { AgentReceiver, Delivery } from "../../../schema/wire/delivery.ts";
import type { JobInput } from "../../../schema/wire/job.ts";
import type { OutboundMessage, SendResult } from "../../../src/outbox/port.ts";
import { settle } from "../../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../../helpers/engine.ts";
import { waitFor } from "../../helpers/wait-for.ts";

const OPS = { mode: "announce", channel: "irc", to: "#ops" } as const;
const HELD: SendResult = { kind: "unknown", error: "cut off" };

async function start(
  answer: (message: OutboundMessage) => SendResult = () => says("all is well"),
  options: Parameters<typeof startTestEngine>[0] = {},
): Promise<TestEngine> {
  const test = await startTestEngine({
    ...options,
    answer: (message) => (message.mode === "agent" ? answer(message) : { kind: "sent", messageIds: ["m"] }),
  });
  return test;
}
const says = (answer: string): SendResult => ({ kind: "sent", messageIds: ["run-1"], receipt: { answer } });
const asking = (receiver: Partial<AgentReceiver> = {}, rest: Partial<Delivery> = {}): Pick<JobInput, "delivery"> => ({
  delivery: { ...OPS, ...rest, also: [{ mode: "agent", when: "change", ...receiver }] },
});
const questions = ({ sent }: TestEngine) => sent.filter(({ mode }) => mode === "agent");
const chats = ({ sent }: TestEngine) => sent.filter(({ mode }) => mode === "announce").map(({ text }) => text);

async function run(test: TestEngine, id: string, end: Parameters<TestEngine["runner"]["end"]>[1] = {}) {
  const { runId = "" } = await test.engine.runJob(id, CALLER, {});
  await waitFor(() => test.runner.running.has(`${runId}.1`));
  test.runner.end(`${runId}.1`, end);
  await waitFor(() => test.engine.getRun(runId).status !== undefined);
  await settle();
  return test.engine.getRun(runId);
}

describe("a job that asks an agent", () => {
  it("asks once when one of a hundred runs finds a change, and says the answer where its output goes", async () => {
    const test = await start(() => says("Port 22 is open now. Close it."));
    const id = await test.add({ name: "ports", policy: { deliver: { on: "change" } }, ...asking() });
    for (let nth = 1; nth <= 100; nth += 1) await run(test, id, { out: nth < 60 ? "80\n443\n" : "22\n80\n443\n" });
    expect(questions(test)).toHaveLength(1);
    const [question] = questions(test);
    expect(question?.asks).toEqual({ timeoutSeconds: 300 });
    expect(question?.text).toContain("Scheduled command: ports");
    expect(question?.text).toContain("Changed since then:\n> changed (0 gone, 1 new):\n> + 22");
    expect(question?.text).toContain("Last lines:\n> 22\n> 80\n> 443");
    await waitFor(() => chats(test).length === 3);
    expect(chats(test)).toEqual([
      "80\n443",
      "changed (0 gone, 1 new):\n+ 22",
      "▸ ports · the agent answers\nPort 22 is open now. Close it.",
    ]);
  });

  it("asks about failures only where it says so, whatever else it says", async () => {
    const test = await start();
    const id = await test.add({ failureAlert: false, ...asking({ when: "failure", agentId: "ops", message: "Why?" }) });
    await run(test, id, { out: "fine" });
    expect(questions(test)).toEqual([]);
    await run(test, id, { exitCode: 7, err: "refused" });
    expect(questions(test)).toHaveLength(1);
    expect(questions(test)[0]?.asks).toEqual({ agentId: "ops", timeoutSeconds: 300 });
    expect(questions(test)[0]?.text).toMatch(
      /^Why\?\n\nScheduled command: job\nEnded: \S+, failed: exit 7\nLast good run before it: \d/,
    );
    expect(questions(test)[0]?.text).toContain("> refused\n> \n> command exited with code 7");
  });

  it("asks nobody about what the job keeps to itself", async () => {
    const test = await start();
    const quiet = await test.add({ policy: { deliver: { on: "never" } }, ...asking({ when: "always" }) });
    const picky = await test.add({ policy: { deliver: { match: "ALERT" } }, ...asking({ when: "always" }) });
    for (const id of [quiet, picky]) await run(test, id, { out: "nothing" });
    expect(questions(test)).toEqual([]);
    await run(test, picky, { out: "ALERT: disk" });
    expect(questions(test)).toHaveLength(1);
  });

  it("needs no other receiver: then only the answer is told, where the question says", async () => {
    const test = await start(() => says("Look at it."), {
      config: { destinations: { ops: { channel: "irc", to: "#ops" } } },
    });
    const id = await test.add({ delivery: { mode: "none", also: [{ mode: "agent", when: "always", to: "@ops" }] } });
    expect(await run(test, id, { out: "x" })).toMatchObject({ deliveryStatus: "not-requested" });
    await waitFor(() => chats(test).length === 1);
    expect(test.sent.at(-1)).toMatchObject({ channel: "irc", to: "#ops" });
    const { deliveries } = test.engine.listDeliveries({ limit: 10, offset: 0 });
    expect(deliveries.map(({ kind, lane, state }) => `${kind} ${lane} ${state}`)).toEqual([
      "answer announce/irc/#ops sent",
      "question agent/default sent",
    ]);
    expect(deliveries[1]).toMatchObject({ answer: "Look at it.", messageIds: ["run-1"] });
    await expect(
      test.add({ delivery: { mode: "none", also: [{ mode: "agent", when: "always", to: "@nobody" }] } }),
    ).rejects.toMatchObject({ code: "DESTINATION_UNKNOWN", details: { field: "delivery.also[0].to" } });
  });

  it("tells nothing when the agent says that nobody needs to know, and no more than 8 KiB", async () => {
    const answers = ["NO_REPLY", "y".repeat(1_000_000)];
    const test = await start(() => says(answers.shift() ?? ""));
    const id = await test.add(asking({ when: "always" }));
    await run(test, id, { out: "a" });
    expect(chats(test)).toEqual(["a"]);
    await run(test, id, { out: "b" });
    await waitFor(() => chats(test).length === 3);
    const told = chats(test).find((text) => text.startsWith("▸")) ?? "";
    expect(Buffer.byteLength(told)).toBeLessThan(8_400);
    expect(told).toContain("[... 991808 bytes left out ...]");
  });

  it("is not asked again about what it may have been asked: the turn's end is unknown, and a person settles it", async () => {
    const test = await start(() => HELD, { config: { alerts: { destination: { ...OPS, to: "#owner" } } } });
    const id = await test.add(asking({ when: "always" }));
    await run(test, id, { out: "a" });
    await test.restart();
    await test.clock.advance(3_600_000);
    await settle();
    expect(questions(test)).toHaveLength(1);
    const [question] = test.engine.listDeliveries({ kind: "question", limit: 1, offset: 0 }).deliveries;
    expect(question).toMatchObject({ state: "unknown", attempts: 1, lane: "agent/default" });
    expect(test.engine.status().notices.map(({ code }) => code)).toContain("DELIVERY_UNKNOWN");
    test.engine.settleDelivery(question?.deliveryId ?? "", "resend", CALLER);
    await settle();
    expect(questions(test)).toHaveLength(2);
  });

  it("says what is missing where agents are not to be asked, and never fails the run", async () => {
    const refused: SendResult = {
      kind: "failed",
      permanent: true,
      error: 'agents are asked with `gatewayClient: "write"`',
    };
    const test = await start(() => refused, { config: { alerts: { destination: { ...OPS, to: "#owner" } } } });
    const id = await test.add(asking({ when: "always" }));
    expect(await run(test, id, { out: "a" })).toMatchObject({ status: "ok", deliveryStatus: "delivered" });
    await waitFor(() => chats(test).some((text) => text.includes('agents are asked with `gatewayClient: "write"`')));
    const notice = test.engine.status().notices.find(({ code }) => code === "DELIVERY_DEAD");
    expect(notice?.message).toContain('question of job "job" to the agent of the gateway');
  });

  it("is warned about where the plugin may not ask, and status and doctor say what is missing", async () => {
    const test = await start();
    const missing = () => test.engine.status().gatewayClient.detail;
    const found = async () => (await test.engine.doctor()).find(({ check }) => check === "agents");
    const plain = await test.add();
    expect(missing()).toBe("test");
    expect(await found()).toMatchObject({ level: "ok", detail: "no job asks an agent" });
    const id = await test.add({ name: "ports", ...asking() });
    const warned = async (job: string) =>
      (await test.engine.look(test.engine.getJob(job))).map(({ code, field }) => `${code} ${field}`);
    expect(await warned(id)).toContain("ASKING_NOT_ALLOWED delivery.also");
    expect(await warned(plain)).not.toContain("ASKING_NOT_ALLOWED delivery.also");
    expect(missing()).toBe('test; 1 job asks an agent, which needs `gatewayClient: "write"`');
    expect(await found()).toMatchObject({ level: "error", detail: expect.stringContaining(": ports") });
    await test.restart({
      config: { gatewayClient: "write" },
      gatewayClient: () => ({ mode: "write", state: "idle", detail: "fine" }),
    });
    expect([missing(), (await found())?.level, await warned(id)]).toEqual(["fine", "ok", []]);
    await test.engine.updateJob(id, { delivery: { also: null } }, CALLER);
    await test.restart();
    expect(missing()).toBe("test");
    await test.restart({
      config: { defaults: { delivery: { mode: "none", also: [{ mode: "agent", when: "change" }] } } },
    });
    expect(missing()).toBe('test; the config\'s defaults ask an agent, which needs `gatewayClient: "write"`');
  });

  it("keeps one question of a job that waits: the newest", async () => {
    const test = await start(() => ({ kind: "failed", permanent: false, error: "the gateway is starting" }));
    const id = await test.add(asking({ when: "always" }));
    for (const out of ["a", "b", "c"]) await run(test, id, { out });
    const { deliveries } = test.engine.listDeliveries({ kind: "question", limit: 10, offset: 0 });
    expect(deliveries.map(({ state }) => state)).toEqual(["pending", "suppressed", "suppressed"]);
    expect(deliveries[0]?.text).toContain("> c");
  });
});
