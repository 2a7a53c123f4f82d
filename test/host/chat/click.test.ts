import { beforeEach, describe, expect, it } from "vitest";
import { answerClick, type Click } from "../../../src/host/chat/click.ts";
import { isOwner } from "../../../src/host/chat/owner.ts";
import { commandLine, presentationOf } from "../../../src/host/gateway/buttons.ts";
import type { OutboundMessage } from "../../../src/outbox/port.ts";
import { startTestEngine, type TestEngine } from "../../helpers/engine.ts";
import { deedsOn } from "./fixture.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let test: TestEngine;
let id: string;
beforeEach(async () => {
  test = await startTestEngine({ config: { alerts: { after: 1, cooldownMs: 0 } } });
  id = await test.add({
    name: "export",
    schedule: { kind: "every", everyMs: 240 * HOUR },
    delivery: { mode: "announce", channel: "telegram", to: "777" },
    policy: { deliver: { on: "never" }, backoff: false, autoDisable: false },
  });
});

async function run(exitCode: number, out = ""): Promise<void> {
  if (test.runner.running.size === 0) await test.engine.runJob(id, { label: "test" }, {});
  test.runner.end([...test.runner.running.keys()][0] ?? "", { exitCode, out });
  await test.clock.advance(1_000);
}

const last = (): OutboundMessage => test.sent.at(-1) as OutboundMessage;

/** The value of a message's button, as the channel gives it back. */
function payloadOf(message: OutboundMessage, label: string): string {
  const buttons = presentationOf(message)?.blocks[0]?.buttons ?? [];
  const { value = "" } = buttons.find((button) => button.label === label)?.action ?? {};
  return value.replace(/^command-cron:/, "");
}

function click(
  label: string,
  { message = last(), by = "telegram:777", ...more }: Partial<Click> & { message?: OutboundMessage; by?: string } = {},
) {
  const at = test.sent.indexOf(message) + 1;
  const asked: Click = { payload: payloadOf(message, label), messageId: `m${at}`, chatId: "777", ...more };
  return answerClick(deedsOn(test, by), asked, test.clock.nowMs());
}
const runs = () => test.engine.runs({ jobId: id, limit: 50, offset: 0 }).entries;

describe("a button below an alert", () => {
  it("fits into what Telegram has room for, with the namespace in front", async () => {
    await run(1);
    const values = presentationOf(last())?.blocks.flatMap(({ buttons }) => buttons) ?? [];
    expect(values.map(({ label }) => label)).toEqual(["Re-run", "Silence 1 h", "Tail", "Disable"]);
    for (const { action } of values) expect(`tgcb1:00000:${action.value}`.length).toBeLessThanOrEqual(64);
  });

  it("starts one run, whoever clicks how often, and says who asked for it", async () => {
    await run(1);
    const alert = last();
    const [one, other] = await Promise.all([click("Re-run"), click("Re-run", { by: "telegram:888" })]);
    expect(runs()).toHaveLength(2);
    const [started] = runs();
    const says = new RegExp(`^Run ${started?.runId.slice(0, 8)} of export, asked for by ${started?.requestedBy}: `);
    expect(one).toMatch(says);
    expect(other).toMatch(says);
    await run(0);
    expect(await click("Re-run", { message: alert })).toContain("succeeded, exit 0");
    expect(runs()).toHaveLength(2);
  });

  it("keeps quiet for an hour, and the failure after it is told", async () => {
    await run(1);
    const alert = last();
    expect(await click("Silence 1 h")).toMatch(/^Silent about export for 1 h, until .* UTC\.$/);
    expect(test.engine.alerts({ jobId: id, limit: 1, offset: 0 }).alerts[0]?.snoozedBy).toBe("telegram:777");
    await test.clock.advance(30 * MINUTE);
    await run(1);
    expect(last()).toBe(alert);
    await test.clock.advance(31 * MINUTE);
    await run(1);
    expect(last()).not.toBe(alert);
    expect(last().text).toMatch(/^✗ export/);
    await run(0);
    expect(await click("Silence 1 h", { message: alert })).toBe(
      "Its incident is over: there is nothing to be silent about.",
    );
  });

  it("switches the job off, and says how to get it back", async () => {
    await run(1);
    expect(await click("Disable")).toBe(`export is off now. On again: /cron enable ${id.slice(0, 8)}`);
    expect(await click("Disable", { by: "telegram:888" })).toBe("export is off already.");
    expect(test.engine.getJob(id).enabled).toBe(false);
  });

  it("of a removed job, of last year, or of another message does nothing, and says so", async () => {
    await run(1);
    const alert = last();
    expect(await click("Re-run", { messageId: "m999" })).toContain("does not belong to this message");
    expect(await click("Re-run", { messageId: undefined })).toContain("does not belong to this message");
    expect(await click("Re-run", { chatId: "12" })).toContain("does not belong to this message");
    expect(await click("Re-run", { payload: "x:1" })).toContain("none of Command Cron's");
    expect(await click("Re-run", { payload: `r:${"0".repeat(32)}` })).toContain("its record has been removed");
    await test.clock.advance(25 * HOUR);
    expect(await click("Re-run", { message: alert })).toMatch(
      /^This message is of \d{4}-\d\d-\d\d; nothing was done\. As of now: \/cron run/,
    );
    expect(runs()).toHaveLength(1);
    await test.engine.removeJob(id, { label: "test" });
    expect(await click("Disable", { message: alert })).toBe(
      "The job of this message has been removed; nothing was done.",
    );
  });
});

describe("a message of a channel", () => {
  const message = { deliveryId: "d", actions: { jobId: "0123456789", names: ["run", "silence"] as const } };
  it("without buttons carries the command", () => {
    expect(presentationOf({ ...message, channel: "irc" })).toBeUndefined();
    expect(commandLine({ ...message, channel: "irc" })).toBe("Act: /cron run|silence 01234567");
    expect(commandLine({ ...message, channel: "telegram" })).toBeUndefined();
    expect(commandLine({ channel: "irc" })).toBeUndefined();
  });
});

describe("an owner", () => {
  const owners = (...ownerAllowFrom: unknown[]) => ({ commands: { ownerAllowFrom } });
  it.each([
    [owners("telegram:777"), "telegram", "777", true],
    [owners("tg:777"), "telegram", "777", true],
    [owners("777"), "telegram", "777", true],
    [owners(777), "telegram", "777", true],
    [owners("irc:777"), "telegram", "777", false],
    [owners("telegram:7777"), "telegram", "777", false],
    [owners("*"), "telegram", "777", false],
    [owners("telegram:*"), "telegram", "777", false],
    [owners(), "telegram", "777", false],
    [{}, "telegram", "777", false],
    [owners("telegram:777"), "telegram", undefined, false],
    [owners(""), "telegram", "", false],
  ])("%j: %s %s is one: %s", (config, channel, sender, expected) => {
    expect(isOwner(config, channel, sender)).toBe(expected);
  });
});
