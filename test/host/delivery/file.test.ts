import { existsSync, readdirSync, readFileSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { sendAnnounce } from "../../../src/host/delivery/announce.ts";
import { DAY_MS } from "../../../src/kernel/durations.ts";
import type { OutboundMessage } from "../../../src/outbox/port.ts";
import { testDir } from "../../helpers/after-test.ts";

let dir: string;
beforeEach(() => {
  dir = testDir("cc-file-");
});

type Send = Parameters<typeof sendAnnounce>[0]["send"];
const NOW_MS = Date.now();
const MESSAGE: OutboundMessage = {
  ...{ deliveryId: "d", mode: "announce", channel: "telegram", to: "7", file: "list.txt" },
  ...{ text: "▸ list\na  b\nc\n\nand more", code: [7, 13] },
};

/** What was asked of the gateway, and the files it could read then. */
async function say(message: OutboundMessage, answers: Awaited<ReturnType<Send>>[], nowMs = NOW_MS) {
  const asked: { text: string; file?: string }[] = [];
  const send: Send = async ({ payloads }) => {
    const { text, mediaUrl } = payloads[0] ?? { text: "" };
    if (mediaUrl !== undefined) expect(statSync(mediaUrl).mode & 0o777).toBe(0o600);
    asked.push(mediaUrl === undefined ? { text } : { text, file: readFileSync(mediaUrl, "utf8") });
    return answers.shift() ?? { status: "sent", results: [{ messageId: "1" }] };
  };
  const media = { dir, nowMs: () => nowMs };
  const result = await sendAnnounce({ send, config: () => ({}), media }, message, new AbortController().signal);
  return { asked, result };
}

it("what was printed comes as a file, with the rest above it, and nothing of it stays", async () => {
  const { asked, result } = await say(MESSAGE, []);
  expect(result.kind).toBe("sent");
  expect(asked).toEqual([{ text: "▸ list\n2 lines, in the file.\nand more", file: "a  b\nc" }]);
  expect(readdirSync(dir)).toEqual([]);
});

it("a channel that takes no files, or refuses this one, gets it as it was printed", async () => {
  expect((await say({ ...MESSAGE, channel: "irc" }, [])).asked[0]?.file).toBeUndefined();
  const error = Object.assign(new Error("no files"), {
    code: "OPENCLAW_PLATFORM_MESSAGE_NOT_DISPATCHED",
    retryable: false,
  });
  const { asked, result } = await say(MESSAGE, [{ status: "failed", error }]);
  expect(result.kind).toBe("sent");
  expect(asked.map(({ file }) => file)).toEqual(["a  b\nc", undefined]);
  expect(asked[1]?.text).toBe("▸ list\n```\na  b\nc\n```\nand more");
});

it("the file of a message that the gateway keeps stays for a day", async () => {
  const error = Object.assign(new Error("down"), { name: "OutboundDeliveryError", queueCustody: "held" });
  expect((await say(MESSAGE, [{ status: "failed", error }])).result.kind).toBe("held");
  const [kept = ""] = readdirSync(dir);
  expect(existsSync(join(dir, kept, "list.txt"))).toBe(true);
  await say(MESSAGE, []);
  expect(readdirSync(dir)).toEqual([kept]);
  utimesSync(join(dir, kept), 0, 0);
  await say(MESSAGE, [], NOW_MS + 2 * DAY_MS);
  expect(readdirSync(dir)).toEqual([]);
});
