import { createConnection } from "node:net";
import type { Clock } from "../../kernel/clock.ts";
import type { RunnerInfo } from "../info.ts";
import { createChannel, HEARS_PROGRESS, isToGateway, PROTOCOL, type ToGateway, type ToRunner } from "../wire/index.ts";

export type Welcome = Extract<ToGateway, { type: "welcome" }>;
export type Refusal = Extract<ToGateway, { type: "refused" }>;

/** A connection to one runner. */
export interface Connection {
  /** Raises PAYLOAD_TOO_LARGE; the connection stays as it is then. */
  send(message: ToRunner): void;
  /** Hangs up after what was sent; resolves when the connection is gone. */
  close(): Promise<void>;
}

/** Connects and introduces itself. Whatever comes of it is told, `onClosed` last. */
export function connect(options: {
  info: RunnerInfo;
  token: string;
  owner: string;
  clock: Clock;
  onWelcome(welcome: Welcome): void;
  onRefused(refusal: Refusal): void;
  /** After the welcome. */
  onMessage(message: ToGateway): void;
  onClosed(why: string): void;
}): Connection {
  const socket = createConnection(options.info.socketPath);
  let welcomed = false;
  const closed = new Promise<void>((done) => {
    socket.once("close", () => done());
  });
  const channel = createChannel<ToGateway, ToRunner>(socket, {
    clock: options.clock,
    accepts: isToGateway,
    onMessage(message) {
      if (welcomed) options.onMessage(message);
      else if (message.type === "refused") options.onRefused(message);
      else if (message.type === "welcome") {
        welcomed = true;
        options.onWelcome(message);
      }
    },
    onClosed: options.onClosed,
  });
  // Before anything else, also before the socket is connected.
  const { token, owner } = options;
  channel.send({ type: "hello", protocol: PROTOCOL, token, owner, hears: [HEARS_PROGRESS] });
  return {
    send: channel.send,
    close() {
      channel.close();
      return closed;
    },
  };
}
