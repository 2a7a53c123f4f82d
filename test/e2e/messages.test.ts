import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { ApprovalsResult } from "../../schema/wire/calls/approvals.ts";
import type { DeliveryEntry } from "../../schema/wire/delivery.ts";
import { hasChromium, launchBrowser, signIn } from "../helpers/browser.ts";
import { E2E_GATEWAYS, hasNgircd, IRC_CHANNEL, job, type PluginGateway } from "../helpers/plugin-gateway.ts";
import type { Telegram, TelegramCall } from "../helpers/telegram.ts";
import { startTelegramGateway } from "../helpers/telegram-gateway.ts";
import { waitFor } from "../helpers/wait-for.ts";

const VERSION = "2026.9.6";
/** What Markdown, HTML and escapes would change, twenty lines of it. */
const LINES = Array.from(
  { length: 20 },
  (_, n) => `${"  ".repeat(n % 4)}${n} __init__.py **x** <b>t</b> C:\\new\\u0041 \`tick\` [a](b)`,
);
const INDENT = /^\u200b/;

describe.runIf(E2E_GATEWAYS.includes(VERSION))(`what is said in channels of ${VERSION}`, () => {
  let world: PluginGateway;
  let telegram: Telegram;

  beforeAll(async () => {
    ({ world, telegram } = await startTelegramGateway({ version: VERSION, irc: true }));
  }, 900_000);
  afterAll(async () => {
    await world?.close();
    await telegram?.close();
  });

  const printing = (name: string, to: Record<string, unknown>, exit = 0) =>
    job(name, ["sh", "-c", `cat; exit ${exit}`], {
      payload: { kind: "command", argv: ["sh", "-c", `cat; exit ${exit}`], input: LINES.join("\n") },
      delivery: { mode: "announce", ...to },
    });
  const deliveriesOf = async (jobId: string): Promise<DeliveryEntry[]> =>
    (await world.client().call<{ deliveries: DeliveryEntry[] }>("cron.command.deliveries", { id: jobId })).deliveries;

  test.runIf(hasNgircd)("on IRC each line is a message, with what it holds", async () => {
    const { id } = await world.add(printing("lines", { channel: "irc", to: IRC_CHANNEL }));
    await world.runToEnd(id);
    const seen = () => (world.irc?.watcher.lines ?? []).map(({ text }) => text);
    await waitFor(() => seen().length >= LINES.length, { what: "twenty lines" });
    expect(seen().map((line) => line.replace(INDENT, ""))).toEqual(LINES);
  });

  test("on Telegram what was printed is one block of code, as it was", async () => {
    const { id } = await world.add(printing("code", { channel: "telegram", to: "777" }));
    await world.runToEnd(id);
    const [message] = await telegram.received(1);
    const escaped = LINES.join("\n").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    expect(message?.params["text"]).toBe(`<pre><code>${escaped}\n</code></pre>`);
  });

  test("a failing run is one message that says so first", async () => {
    const before = telegram.sent().length;
    const { id } = await world.add({
      ...printing("site down", { channel: "telegram", to: "777" }, 7),
      failureAlert: { after: 1 },
    });
    await world.runToEnd(id);
    const sent = (await telegram.received(before + 1)).slice(before);
    expect(String(sent[0]?.params["text"])).toMatch(
      /^✗ site down on \S+ · exit 7\nCause: command exited with code 7\n/,
    );
    expect(String(sent[0]?.params["text"])).toContain("<pre><code>0 __init__.py **x**");
    expect((await deliveriesOf(id)).map(({ kind, state }) => [kind, state])).toEqual([["result", "sent"]]);
    expect(telegram.sent()).toHaveLength(before + 1);
  });

  test("long output comes as a file where the job asks for one", async () => {
    const before = telegram.sent().length;
    const count = 400;
    const lines = `i=0; while [ $i -lt ${count} ]; do echo "  line $i __init__.py"; i=$((i+1)); done`;
    const { id } = await world.add(
      job("long list", ["sh", "-c", lines], {
        delivery: { mode: "announce", channel: "telegram", to: "777" },
        policy: { deliver: { as: "file" } },
      }),
    );
    await world.runToEnd(id);
    const document = await waitFor(
      () =>
        telegram
          .sent()
          .slice(before)
          .find(({ method }) => method === "sendDocument"),
      {
        what: "a file",
      },
    );
    const sent = Object.values(document.params).find((value) => typeof value === "object") as {
      name: string;
      text: string;
    };
    expect(sent.text.trimEnd().split("\n")).toHaveLength(count);
    expect(sent.text).toContain("  line 7 __init__.py\n");
    expect(String(document.params["caption"])).toContain(`${count} lines, in the file.`);
    expect((await deliveriesOf(id)).map(({ state }) => state)).toEqual(["sent"]);
  });

  const textOf = ({ params }: TelegramCall): string => String(params["text"]);
  /** What is said next that holds these words. */
  const heard = (words: RegExp, since: number) =>
    waitFor(
      () =>
        telegram
          .sent()
          .slice(since)
          .find((call) => words.test(textOf(call))),
      {
        timeoutMs: 60_000,
        what: `a message with ${words}`,
      },
    );

  test("an alert's buttons act for owners, once, and on record", async () => {
    const { id } = await world.add({
      ...printing("disk full", { channel: "telegram", to: "777" }, 3),
      failureAlert: { after: 1, cooldownMs: 0 },
    });
    let since = telegram.sent().length;
    await world.runToEnd(id);
    const alert = await heard(/^✗ disk full/, since);

    // Somebody who may talk to the gateway and is no owner.
    since = telegram.sent().length;
    telegram.click(alert, "Re-run", 999);
    await heard(/Only owners/, since);
    expect(await world.runsOf(id)).toHaveLength(1);

    since = telegram.sent().length;
    telegram.click(alert, "Re-run", 777);
    const answer = await heard(/^Run [0-9a-f]{8} of disk full, asked for by telegram:777/, since);
    telegram.click(alert, "Re-run", 777);
    await waitFor(
      () => telegram.sent().filter((call) => /^Run [0-9a-f]{8} of disk full/.test(textOf(call))).length >= 2,
      {
        what: "an answer to the second click",
      },
    );
    const runs = await world.runsOf(id);
    expect(runs.map(({ requestedBy }) => requestedBy)).toContain("telegram:777");
    expect(runs).toHaveLength(2);
    expect(textOf(answer)).toContain(runs.find(({ requestedBy }) => requestedBy === "telegram:777")?.runId.slice(0, 8));

    since = telegram.sent().length;
    telegram.click(alert, "Tail", 777);
    expect(textOf(await heard(/__init__\.py/, since))).toBe(LINES.join("\n").trimEnd());
    telegram.click(alert, "Silence 1 h", 777);
    await heard(/^Silent about disk full for 1 h/, since);
    const { alerts } = await world.client().call<{ alerts: { snoozedBy?: string }[] }>("cron.command.alerts", { id });
    expect(alerts[0]?.snoozedBy).toBe("telegram:777");
    since = telegram.sent().length;
    const quiet = await world.runToEnd(id);
    expect((await deliveriesOf(id)).filter(({ runId, kind }) => runId === quiet.runId && kind === "alert")).toEqual([]);
    await world.client().call("cron.command.update", { id, patch: { payload: { kind: "command", argv: ["true"] } } });
    await world.runToEnd(id);
    const end = await heard(/^✓ disk full/, since);
    expect(JSON.stringify(end.params)).toMatch(
      new RegExp(`"message_id\\\\*":${telegram.idOf(alert)}|"reply_to_message_id\\\\*":"?${telegram.idOf(alert)}`),
    );
    telegram.click(alert, "Disable", 777);
    await heard(/^disk full is off now/, since);
  });

  test("/cron is for owners", async () => {
    let since = telegram.sent().length;
    telegram.write("/cron list disk", 777);
    expect(textOf(await heard(/disk full/, since))).toMatch(/– disk full \([0-9a-f]{8}\) · off/);
    since = telegram.sent().length;
    telegram.write("/cron run disk full", 999);
    const refusal = await heard(/requires gateway scope|not authorized|Only owners/i, since);
    expect(textOf(refusal)).not.toContain("Run ");
    since = telegram.sent().length;
    telegram.write("/cron run disk full", 777);
    await heard(/^Run [0-9a-f]{8} of disk full, asked for by telegram:777/, since);
  });

  test("a message that the gateway takes over and gives up is unknown within the minute", async () => {
    telegram.answer("sendMessage", () => "reset");
    const { id } = await world.add(printing("lost", { channel: "telegram", to: "777" }));
    const { runId } = await world.client().call<{ runId: string }>("cron.command.run", { id });
    const ended = await waitFor(
      async () => (await deliveriesOf(id)).find((delivery) => delivery.runId === runId && delivery.state === "unknown"),
      { timeoutMs: 90_000, what: "an end of the message" },
    );
    telegram.answer("sendMessage", undefined);
    expect(ended.reason).toContain("dropped it from its queue");
    expect(ended.tries?.[0]?.result).toBe("held");
    const status = await world.client().call<{ notices: { code: string }[] }>("cron.command.status", {});
    expect(status.notices.map(({ code }) => code)).toContain("DELIVERY_UNKNOWN");
  });

  const call = <T>(method: string, params: object) => world.client().call<T>(`cron.command.${method}`, params);
  const approval = async (runId: string) =>
    (await call<ApprovalsResult>("approvals", { runId, all: true })).approvals[0];
  const asking = (name: string) =>
    world.add(
      job(name, ["true"], {
        delivery: { mode: "none" },
        policy: { risk: "write_local", approval: { required: true, reason: "it restarts the shop" } },
      }),
    );

  test("an approval: somebody else's click does nothing, the owner's Allow starts the run, and Deny ends it", async () => {
    const { id } = await asking("Deploy");
    async function prompted(): Promise<{ runId: string; prompt: TelegramCall }> {
      const before = telegram.sent().length;
      const { runId } = await call<{ runId: string }>("run", { id });
      const isPrompt = ({ params }: TelegramCall) =>
        JSON.stringify(params).includes("Allow Once") && JSON.stringify(params).includes(runId.slice(0, 8));
      const prompt = await waitFor(() => telegram.sent().slice(before).find(isPrompt), {
        timeoutMs: 120_000,
        what: "a prompt with buttons",
      });
      return { runId, prompt };
    }

    const first = await prompted();
    expect(String(first.prompt.params["text"])).toContain("it restarts the shop");
    telegram.click(first.prompt, "Allow Once", 999);
    // The stranger's click is heard before the next one.
    await waitFor(() => telegram.calls.some(({ method }) => method === "answerCallbackQuery"), { what: "an answer" });
    expect(await approval(first.runId)).toMatchObject({ state: "waiting" });
    telegram.click(first.prompt, "Allow Once", 777);
    expect(await world.finished(first.runId)).toMatchObject({ runStatus: "succeeded" });
    expect(await approval(first.runId)).toMatchObject({ state: "approved", door: "gateway" });

    const second = await prompted();
    telegram.click(second.prompt, "Deny", 777);
    expect(await world.finished(second.runId)).toMatchObject({ runStatus: "skipped", reason: "approval_rejected" });
    expect(await approval(second.runId)).toMatchObject({ state: "rejected", door: "gateway", reason: "denied" });
    expect(await call("status", {})).toMatchObject({ approvals: { asks: true } });
  }, 300_000);

  test.runIf(hasChromium)(
    "on the approval page of the Control UI Allow starts the run, and Deny ends it; who may not approve cannot",
    async () => {
      const { id } = await asking("Ship");
      const approver = await world.gateway.connect({ scopes: ["operator.approvals", "operator.admin"] });
      const other = await world.gateway.connect({ scopes: ["operator.read", "operator.write"] });
      const browser = await launchBrowser();
      onTestFinished(async () => {
        await browser.close();
        for (const client of [approver, other]) await client.close();
      });
      type Pending = { id: string; request: { description?: string } };
      async function asked(): Promise<{ runId: string; requestId: string }> {
        const { runId } = await call<{ runId: string }>("run", { id });
        const pending = async () => {
          const list = await approver.call<Pending[]>("plugin.approval.list", {});
          return list.find(({ request }) => request.description?.includes(runId.slice(0, 8)));
        };
        const request = await waitFor(pending, { timeoutMs: 60_000, what: "a request of the gateway" });
        return { runId, requestId: request.id };
      }
      const answers = { "Allow once": "approved", Deny: "rejected" } as const;
      for (const [button, state] of Object.entries(answers)) {
        const { runId, requestId } = await asked();
        const refused = other.call("plugin.approval.resolve", { id: requestId, decision: "allow-once" });
        await expect(refused).rejects.toThrow(/operator\.approvals/);
        expect(await approval(runId)).toMatchObject({ state: "waiting" });
        const page = await signIn(browser, world.gateway, `/approve/${encodeURIComponent(requestId)}`);
        await page.getByText("it restarts the shop").first().waitFor({ timeout: 60_000 });
        await page.getByRole("button", { name: button }).click();
        const runStatus = state === "approved" ? "succeeded" : "skipped";
        expect(await world.finished(runId)).toMatchObject({ runStatus });
        expect(await approval(runId)).toMatchObject({ state, door: "gateway", decidedBy: expect.any(String) });
        await page.close();
      }
    },
  );

  test("a gateway that is stopped while something waits for an approval does not wait for the answer", async () => {
    const { id } = await asking("Later");
    const before = telegram.sent().length;
    const { runId } = await call<{ runId: string }>("run", { id });
    const isAsked = () => JSON.stringify(telegram.sent().slice(before)).includes(runId.slice(0, 8));
    await waitFor(isAsked, { timeoutMs: 60_000, what: "a prompt" });
    // Its own limit for what is under way is above five minutes.
    const stopped = await Promise.race([world.gateway.stop().then(() => true), sleep(120_000, false)]);
    expect(stopped).toBe(true);
  });
});
