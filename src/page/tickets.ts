import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "../kernel/clock.ts";
import { MINUTE_MS } from "../kernel/durations.ts";

/** A ticket ends this long after it was issued. */
export const TICKET_MS = 5 * MINUTE_MS;
/** Tickets renewed over and over end this long after the first; then the document is asked for again, and its caller with it. */
export const CHAIN_MS = 30 * MINUTE_MS;
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
  clear(): void;
}

/** Kept in memory only: a restart of the gateway ends them all. Of the two parts the first finds, the second proves. */
export function createTickets(clock: Pick<Clock, "monotonicMs">): Tickets {
  const held = new Map<string, { ticket: Ticket; secret: Buffer }>();

  function make(chainEndsAtMs: number): Ticket {
    const id = randomBytes(ID_BYTES).toString("base64url");
    const secret = randomBytes(SECRET_BYTES);
    const endsAtMs = Math.min(clock.monotonicMs() + TICKET_MS, chainEndsAtMs);
    const ticket = { value: `${id}.${secret.toString("base64url")}`, endsAtMs, chainEndsAtMs };
    drop();
    held.set(id, { ticket, secret });
    return ticket;
  }

  /** What has ended, and the oldest where there are too many. */
  function drop(): void {
    const nowMs = clock.monotonicMs();
    for (const [id, { ticket }] of held) {
      if (ticket.endsAtMs <= nowMs || held.size >= MAX_TICKETS) held.delete(id);
    }
  }

  return {
    issue: () => make(clock.monotonicMs() + CHAIN_MS),
    find(value) {
      const [id = "", given = ""] = value.split(".");
      const found = held.get(id);
      if (found === undefined) return undefined;
      const secret = Buffer.from(given, "base64url");
      if (secret.length !== SECRET_BYTES || !timingSafeEqual(secret, found.secret)) return undefined;
      return found.ticket.endsAtMs > clock.monotonicMs() ? found.ticket : undefined;
    },
    renew: ({ endsAtMs, chainEndsAtMs }) => (endsAtMs < chainEndsAtMs ? make(chainEndsAtMs) : undefined),
    clear: () => held.clear(),
  };
}
