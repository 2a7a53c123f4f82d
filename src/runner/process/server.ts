import { createHash, timingSafeEqual } from "node:crypto";
import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import type { Clock } from "../../kernel/clock.ts";
import type { Logger } from "../../kernel/logger.ts";
import { present } from "../../kernel/present.ts";
import {
  type Channel,
  createChannel,
  isToRunner,
  PROTOCOL,
  type ToGateway,
  type ToRunner,
  unpackSpec,
} from "../wire/index.ts";
import type { AttemptTable } from "./attempt-table.ts";

const HELLO_MAX_MS = 5_000;
const STRANGERS_MAX = 16;

interface RunnerServer {
  listen(path: string): Promise<void>;
  close(): void;
}

interface ServerOptions {
  instance: string;
  token: string;
  attempts: AttemptTable;
  withoutStarter(): string | undefined;
  clock: Clock;
  logger: Logger;
  onOwner(present: boolean): void;
  onDrain(): void;
  onLeave(): void;
}

const sameSecret = (given: string, expected: string): boolean => {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
};

/** Listens for the one gateway that owns this runner. Whoever cannot say the secret is cut off without an answer. */
export function createRunnerServer(options: ServerOptions): RunnerServer {
  const { attempts, clock, logger } = options;
  let owner: Channel<ToGateway> | undefined;
  let strangers = 0;

  function welcome(socket: Socket, channel: Channel<ToGateway>, hello: ToRunner): boolean {
    if (hello.type !== "hello" || !sameSecret(hello.token, options.token)) {
      logger.warn("a peer that does not know the secret was cut off");
      socket.destroy();
      return false;
    }
    if (hello.protocol !== PROTOCOL) {
      channel.send({ type: "refused", code: "RUNNER_PROTOCOL", message: `this runner speaks version ${PROTOCOL}` });
      channel.close();
      return false;
    }
    if (owner !== undefined) {
      channel.send({ type: "refused", code: "STATE_OWNED", message: "another gateway is connected" });
      channel.close();
      return false;
    }
    owner = channel;
    channel.send({
      type: "welcome",
      protocol: PROTOCOL,
      instance: options.instance,
      pid: process.pid,
      running: attempts.running(),
      ended: attempts.ended(),
    });
    attempts.attach(channel.send, hello.hears ?? []);
    options.onOwner(true);
    return true;
  }

  function handle(message: ToRunner, channel: Channel<ToGateway>): void {
    switch (message.type) {
      case "start":
        attempts.start(unpackSpec(message));
        break;
      case "cancel":
        if (!attempts.cancel(message.attemptKey, message.by)) {
          channel.send({ type: "unknown", attemptKey: message.attemptKey });
        }
        break;
      case "acknowledge":
        attempts.acknowledge(message.attemptKey);
        break;
      case "ping":
        channel.send({ type: "pong", ...present({ withoutStarter: options.withoutStarter() }) });
        break;
      case "drain":
        options.onDrain();
        break;
      case "leave":
        options.onLeave();
        break;
      case "hello":
        throw new Error("a second hello");
    }
  }

  function accept(socket: Socket): void {
    if (strangers >= STRANGERS_MAX) {
      socket.destroy();
      return;
    }
    strangers += 1;
    let state: "stranger" | "owner" | "refused" = "stranger";
    const cancelTimer = clock.setTimer(() => socket.destroy(), HELLO_MAX_MS);
    const known = (): void => {
      if (state !== "stranger") return;
      strangers -= 1;
      cancelTimer();
    };
    const channel = createChannel<ToRunner, ToGateway>(socket, {
      clock,
      accepts: isToRunner,
      onMessage(message) {
        if (state === "owner") return handle(message, channel);
        if (state === "refused") return;
        known();
        state = welcome(socket, channel, message) ? "owner" : "refused";
      },
      onClosed(why) {
        known();
        if (owner !== channel) return;
        owner = undefined;
        logger.info(`the gateway is gone: ${why}`);
        attempts.detach();
        options.onOwner(false);
      },
    });
  }

  const server: Server = createServer(accept);
  let path: string | undefined;
  return {
    listen: (at) =>
      new Promise((resolve, reject) => {
        path = at;
        server.once("error", reject);
        // The socket is made within the call: for this user alone, whatever the directory allows.
        const before = process.umask(0o177);
        try {
          server.listen(at, resolve);
        } finally {
          process.umask(before);
        }
      }),
    close() {
      owner?.close();
      server.close();
      if (path !== undefined && process.platform !== "win32") rmSync(path, { force: true });
    },
  };
}
