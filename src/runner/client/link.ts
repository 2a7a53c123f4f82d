import { createConnection } from "node:net";
import type { Clock } from "../../kernel/clock.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import type { RunnerInfo } from "../info.ts";
import { createChannel, isToGateway, PROTOCOL, type ToGateway, type ToRunner } from "../wire/index.ts";

const WELCOME_MAX_MS = 5_000;

/** A connection to one living runner, after its welcome. */
export interface Link {
  info: RunnerInfo;
  running: Extract<ToGateway, { type: "welcome" }>["running"];
  ended: string[];
  send(message: ToRunner): void;
  /** Resolves when the connection is gone. */
  close(): Promise<void>;
}

/**
 * Connects and introduces itself. Raises STATE_OWNED when another gateway is connected, RUNNER_PROTOCOL when the runner
 * speaks another version, RUNNER_UNAVAILABLE when nobody answers.
 */
export function connectLink(options: {
  info: RunnerInfo;
  token: string;
  owner: string;
  clock: Clock;
  onMessage(message: ToGateway): void;
  /** The connection ended after the welcome. */
  onDown(why: string): void;
}): Promise<Link> {
  const { info, clock } = options;
  return new Promise((resolve, reject) => {
    const socket = createConnection(info.socketPath);
    let linked = false;
    const closed = new Promise<void>((done) => {
      socket.once("close", () => done());
    });
    const cancelTimer = clock.setTimer(() => socket.destroy(), WELCOME_MAX_MS);
    const fail = (code: "STATE_OWNED" | "RUNNER_PROTOCOL" | "RUNNER_UNAVAILABLE", got: string): void => {
      cancelTimer();
      reject(new CommandCronError(code, { got }));
    };
    const channel = createChannel<ToGateway, ToRunner>(socket, {
      clock,
      accepts: isToGateway,
      onMessage(message) {
        if (linked) {
          options.onMessage(message);
        } else if (message.type === "welcome") {
          linked = true;
          cancelTimer();
          const { running, ended } = message;
          resolve({
            info,
            running,
            ended,
            send: channel.send,
            close() {
              channel.close();
              return closed;
            },
          });
        } else if (message.type === "refused") {
          fail(message.code, message.message);
        }
      },
      onClosed(why) {
        if (linked) options.onDown(why);
        else fail("RUNNER_UNAVAILABLE", why);
      },
    });
    socket.once("connect", () => {
      channel.send({ type: "hello", protocol: PROTOCOL, token: options.token, owner: options.owner });
    });
  });
}
