import { once } from "node:events";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createChannel } from "../../../src/runner/wire/channel.ts";
import { createFrameDecoder } from "../../../src/runner/wire/frames.ts";
import { testDir } from "../../helpers/after-test.ts";
import { createFakeClock } from "../../helpers/clock.ts";
import { waitFor } from "../../helpers/wait-for.ts";

let dir = "";
let server: Server;
beforeEach(() => {
  dir = testDir("cc-channel-");
});
afterEach(() => {
  server.close();
});

/** A channel, and the other side's bare socket: it reads nothing and never hangs up until it is told to. */
async function connected() {
  const path = process.platform === "win32" ? `\\\\.\\pipe\\${dir.replaceAll("\\", "-")}` : join(dir, "socket");
  server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(path);
  await once(server, "listening");
  const socket = createConnection(path);
  const [[peer]] = (await Promise.all([once(server, "connection"), once(socket, "connect")])) as [[Socket], unknown];
  const clock = createFakeClock();
  const closed: string[] = [];
  const channel = createChannel<never, string>(socket, {
    clock,
    accepts: (_value): _value is never => false,
    onMessage() {},
    onClosed: (why) => closed.push(why),
  });
  const heard: unknown[] = [];
  const read = (): void => {
    const decode = createFrameDecoder((value) => heard.push(value));
    peer.on("error", () => {});
    peer.on("data", decode);
    peer.resume();
  };
  return { channel, clock, closed, peer, heard, read };
}

describe("a channel that is closed", () => {
  it("lets the other side read all that was sent, and hang up in its own time", async () => {
    const { channel, clock, closed, peer, heard, read } = await connected();
    channel.send("first");
    channel.send("last");
    channel.close();
    read();
    await once(peer, "end");
    expect(heard).toEqual([
      { n: 1, m: "first" },
      { n: 2, m: "last" },
    ]);
    await clock.advance(999);
    expect(closed).toEqual([]);
    peer.end();
    await waitFor(() => closed.length === 1);
    expect(clock.timers()).toBe(0);
  });

  it("is gone after a second when the other side does not answer, which still finds what was sent", async () => {
    const { channel, clock, closed, peer, heard, read } = await connected();
    channel.send("last");
    channel.close();
    await clock.advance(1_000);
    await waitFor(() => closed.length === 1, { timeoutMs: 5_000 });
    read();
    await once(peer, "end");
    expect(heard).toEqual([{ n: 1, m: "last" }]);
    peer.destroy();
  });
});
