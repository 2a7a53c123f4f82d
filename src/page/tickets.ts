import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "../kernel/clock.ts";
import { MINUTE_MS, SECOND_MS } from "../kernel/durations.ts";

/** A ticket ends this long after it was issued. */
export const TICKET_MS = 5 * MINUTE_MS;
/** Tickets renewed over and over end this long after the first; then the document is asked for again, and its caller with it. */
export const CHAIN_MS = 10 * MINUTE_MS;
/** A page whose last event stream is gone has been closed, unless it comes back within this. */
export const LEFT_MS = 15 * SECOND_MS;
/** More open documents than this, and the one opened first asks again. */
export const MAX_TICKETS = 500;

const ID_BYTES = 8;
const SECRET_BYTES = 32;

export interface Ticket {
  /** As the client holds it. */
  readonly value: string;
  /** By the monotonic clock. */
  readonly endsAtMs: number;
  readonly chainEndsAtMs: number;
}

export interface Tickets {
  issue(): Ticket;
  /** The live ticket of this value. */
  find(value: string): Ticket | undefined;
  /** The one that follows it; undefined when the document has to be asked for again. */
  renew(ticket: Ticket): Ticket | undefined;
  /** A stream goes on under it: `by` 1, or does not any more: -1. Who was let in no longer has a page that listens. */
  listens(ticket: Ticket, by: 1 | -1): void;
  clear(): void;
}

/** Kept in memory only: a restart of the gateway ends them all. Of the two parts the first finds, the second proves. */
export function createTickets(clock: Pick<Clock, "monotonicMs">): Tickets {
  const held = new Map<string, { ticket: Ticket; secret: Buffer; streams: number; leftAtMs?: number }>();

  function make(chainEndsAtMs: number): Ticket {
    const id = randomBytes(ID_BYTES).toString("base64url");
    const secret = randomBytes(SECRET_BYTES);
    const endsAtMs = Math.min(clock.monotonicMs() + TICKET_MS, chainEndsAtMs);
    const ticket = { value: `${id}.${secret.toString("base64url")}`, endsAtMs, chainEndsAtMs };
    drop();
    held.set(id, { ticket, secret, streams: 0 });
    return ticket;
  }

  /** What has ended, and the oldest where there are too many. */
  function drop(): void {
    const nowMs = clock.monotonicMs();
    for (const [id, one] of held) {
      if (isOver(one, nowMs) || held.size >= MAX_TICKETS) held.delete(id);
    }
  }

  const isOver = ({ ticket, leftAtMs }: { ticket: Ticket; leftAtMs?: number }, nowMs: number): boolean =>
    ticket.endsAtMs <= nowMs || (leftAtMs !== undefined && nowMs - leftAtMs >= LEFT_MS);

  return {
    issue: () => make(clock.monotonicMs() + CHAIN_MS),
    find(value) {
      const [id = "", given = ""] = value.split(".");
      const found = held.get(id);
      if (found === undefined) return undefined;
      const secret = Buffer.from(given, "base64url");
      if (secret.length !== SECRET_BYTES || !timingSafeEqual(secret, found.secret)) return undefined;
      return isOver(found, clock.monotonicMs()) ? undefined : found.ticket;
    },
    renew: ({ endsAtMs, chainEndsAtMs }) => (endsAtMs < chainEndsAtMs ? make(chainEndsAtMs) : undefined),
    listens({ value }, by) {
      const one = held.get(value.split(".")[0] ?? "");
      if (one === undefined) return;
      one.streams += by;
      if (one.streams > 0) delete one.leftAtMs;
      else one.leftAtMs = clock.monotonicMs();
    },
    clear: () => held.clear(),
  };
}
