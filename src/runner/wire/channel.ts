import type { Socket } from "node:net";
import type { Clock } from "../../kernel/clock.ts";
import { errorText } from "../../kernel/errors.ts";
import { createFrameDecoder, encodeFrame } from "./frames.ts";

/** The other side has so long to hang up as well; one that is stuck or stopped never would. */
const HANG_UP_MAX_MS = 1_000;

/** One connection between gateway and runner. */
export interface Channel<Out> {
  send(message: Out): void;
  /** Hangs up after what was sent, and soon no matter what the other side does. */
  close(): void;
}

/**
 * Numbers what it sends, and demands rising numbers and sound messages from the other side; anything else closes the
 * connection and `onClosed` says why. Nothing that comes in can raise.
 */
export function createChannel<In, Out>(
  socket: Socket,
  options: {
    clock: Clock;
    accepts(value: unknown): value is In;
    onMessage(message: In): void;
    onClosed(why: string): void;
  },
): Channel<Out> {
  let sent = 0;
  let received = 0;
  let why = "the connection was closed";

  const decode = createFrameDecoder((value) => {
    const { n, m } = (value ?? {}) as { n?: unknown; m?: unknown };
    if (typeof n !== "number" || n <= received) throw new Error("a message out of order");
    if (!options.accepts(m)) throw new Error("a message that is not understood");
    received = n;
    options.onMessage(m);
  });

  socket.on("data", (chunk: Buffer) => {
    if (socket.destroyed) return;
    try {
      decode(chunk);
    } catch (error) {
      why = errorText(error);
      socket.destroy();
    }
  });
  socket.on("error", (error) => {
    why = errorText(error);
  });
  socket.once("close", () => options.onClosed(why));

  return {
    send(message) {
      if (socket.destroyed || !socket.writable) return;
      const frame = encodeFrame({ n: ++sent, m: message });
      // What is said in one turn goes out in one piece: it costs either side one call of the system.
      socket.cork();
      process.nextTick(() => socket.uncork());
      socket.write(frame);
    },
    close() {
      socket.end();
      const cancelTimer = options.clock.setTimer(() => socket.destroy(), HANG_UP_MAX_MS);
      socket.once("close", cancelTimer);
    },
  };
}
