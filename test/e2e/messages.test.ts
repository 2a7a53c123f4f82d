import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DeliveryEntry } from "../../schema/wire/delivery.ts";
import {
  E2E_GATEWAYS,
  hasNgircd,
  IRC_CHANNEL,
  job,
  type PluginGateway,
  startPluginGateway,
} from "../helpers/plugin-gateway.ts";
import { startTelegram, TELEGRAM_TOKEN, type Telegram } from "../helpers/telegram.ts";
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
    telegram = await startTelegram();
    world = await startPluginGateway({
      version: VERSION,
      irc: true,
      prepare: (gateway) =>
        gateway.writeConfig((config) => {
          const channels = (config["channels"] ?? {}) as Record<string, unknown>;
          const account = { enabled: true, botToken: TELEGRAM_TOKEN, apiRoot: telegram.apiRoot };
          config["channels"] = { ...channels, telegram: { ...account, dmPolicy: "allowlist", allowFrom: ["777"] } };
        }),
    });
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
});
