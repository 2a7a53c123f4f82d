import type { ServerResponse } from "node:http";
import type { Changed } from "../../schema/wire/page.ts";
import type { Clock } from "../kernel/clock.ts";
import { MINUTE_MS, SECOND_MS } from "../kernel/durations.ts";
import { ANY_ORIGIN, PRIVATE_HEADERS } from "./http.ts";
import type { Ticket, Tickets } from "./tickets.ts";

/** Proxies close what is silent for longer. */
export const BEAT_MS = 15 * SECOND_MS;
/** A ticket is renewed this long before it ends. */
const RENEW_MS = MINUTE_MS;
export const MAX_STREAMS = 250;
/** A client that does not read is let go. */
const MAX_BEHIND_BYTES = 65_536;

interface Streams {
  /** False when there are too many. `missed`: what it is told at once. */
  open(response: ServerResponse, ticket: Ticket, missed?: Changed): boolean;
  changed(change: Changed): void;
  closeAll(): void;
}

/** Server-sent events of every open page: one timer for all of them, and none without. */
export function createStreams(clock: Clock, tickets: Tickets): Streams {
  const open = new Map<ServerResponse, Ticket>();
  let cancelBeat: (() => void) | undefined;

  function beat(): void {
    const nowMs = clock.monotonicMs();
    for (const [response, ticket] of open) {
      if (ticket.endsAtMs - nowMs > RENEW_MS) send(response, ":\n\n");
      else renew(response, ticket, nowMs);
    }
    cancelBeat = open.size === 0 ? undefined : clock.setTimer(beat, BEAT_MS);
  }

  function renew(response: ServerResponse, ticket: Ticket, nowMs: number): void {
    const next = tickets.renew(ticket);
    if (next !== undefined) {
      hold(response, next);
      send(response, event("ticket", { ticket: next.value }));
    } else if (ticket.endsAtMs <= nowMs) response.end();
    else send(response, event("ending", {}));
  }

  /** Counts the stream for this ticket alone; without one it is over. */
  function hold(response: ServerResponse, ticket?: Ticket): void {
    const before = open.get(response);
    if (before !== undefined) tickets.listens(before, -1);
    if (ticket === undefined) open.delete(response);
    else {
      open.set(response, ticket);
      tickets.listens(ticket, 1);
    }
  }

  function send(response: ServerResponse, text: string): void {
    if (response.writableLength > MAX_BEHIND_BYTES) response.destroy();
    else response.write(text);
  }

  return {
    open(response, ticket, missed) {
      if (open.size >= MAX_STREAMS) return false;
      response.writeHead(200, {
        ...PRIVATE_HEADERS,
        ...ANY_ORIGIN,
        "content-type": "text/event-stream; charset=utf-8",
        "x-accel-buffering": "no",
      });
      response.write(`retry: ${2 * SECOND_MS}\n\n`);
      if (missed !== undefined) response.write(event("changed", missed));
      hold(response, ticket);
      response.once("close", () => hold(response));
      cancelBeat ??= clock.setTimer(beat, BEAT_MS);
      return true;
    },
    changed(change) {
      const text = event("changed", change);
      for (const response of open.keys()) send(response, text);
    },
    closeAll() {
      cancelBeat?.();
      cancelBeat = undefined;
      for (const response of open.keys()) response.end();
      open.clear();
    },
  };
}

const event = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
