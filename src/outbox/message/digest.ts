import type { QuietHours } from "../../../schema/wire/config.ts";
import type { Receiver } from "../../../schema/wire/delivery.ts";
import { pick } from "../../kernel/present.ts";
import type { DeliveryRecord, Ledger } from "../../ledger/types.ts";
import { firstBytes } from "../../policy/text/index.ts";
import { describeInstant, quietUntil } from "../../policy/time/index.ts";

const QUIET_PREFIX = "quiet/";
const DIGEST_REASON = "digest ";
const TEXT_MAX_BYTES = 60_000;
const ITEMS_SHOWN_MAX = 200;
const ITEM_MIN_BYTES = 200;

/** Where routine messages wait for quiet hours to end, beside the lane, so that a fault behind them is not held up. */
export const quietLaneOf = (lane: string): string => `${QUIET_PREFIX}${lane}`;
export const isQuietLane = (lane: string): boolean => lane.startsWith(QUIET_PREFIX);

/**
 * Until when routine messages to this destination wait; undefined: they go now. A rule without `to` and `channel` is for
 * every chat; a webhook is quiet only by its own address, since programs do not sleep.
 */
export function heldUntil(
  rules: readonly QuietHours[],
  destination: Receiver,
  nowMs: number,
  hostTz: string,
): number | undefined {
  const ends = rules
    .filter((rule) => matches(rule, destination))
    .map((rule) => quietUntil(rule, nowMs, hostTz))
    .filter((end) => end !== undefined);
  return ends.length === 0 ? undefined : Math.max(...ends);
}

function matches(rule: QuietHours, { mode, channel, to }: Receiver): boolean {
  if (mode === "webhook") return rule.to !== undefined && rule.to === to && rule.channel === undefined;
  return (rule.channel === undefined || rule.channel === channel) && (rule.to === undefined || rule.to === to);
}

export const digestReason = (digestId: string): string => `${DIGEST_REASON}${digestId}`;

/** The digest a message went into. */
export function digestOf(ledger: Ledger, row: DeliveryRecord): DeliveryRecord | undefined {
  if (row.state !== "suppressed" || row.reason?.startsWith(DIGEST_REASON) !== true) return undefined;
  return ledger.deliveries.get(row.reason.slice(DIGEST_REASON.length));
}

/** The deliveries that went into a digest. */
export function foldedInto(digest: DeliveryRecord): string[] {
  const body = JSON.parse(digest.content.body ?? "{}") as { items?: { deliveryId: string }[] };
  return (body.items ?? []).map((item) => item.deliveryId);
}

/**
 * One message for all that waited: each with its time and the name of its job. Long ones are shortened so that all have
 * room; the whole texts stay with the deliveries it names.
 */
export function digestContent(
  rows: readonly DeliveryRecord[],
  nameOf: (row: DeliveryRecord) => string,
  tz: string,
): { text: string; body: string } {
  const shown = rows.slice(0, ITEMS_SHOWN_MAX);
  const room = Math.max(ITEM_MIN_BYTES, Math.floor(TEXT_MAX_BYTES / Math.max(1, shown.length)));
  const blocks = shown.map((row) => {
    const head = `${describeInstant(row.createdAtMs, tz).local} ${nameOf(row)}`;
    const text = firstBytes(row.content.text, room);
    const cut = text === row.content.text ? "" : `\n[... shortened; whole: deliveries show ${row.id}]`;
    return `${head}\n${text}${cut}`;
  });
  const more = rows.length > shown.length ? [`[... and ${rows.length - shown.length} more: deliveries list]`] : [];
  const count = rows.length === 1 ? "1 message" : `${rows.length} messages`;
  const text = [`Held during quiet hours: ${count}`, ...blocks, ...more].join("\n\n");
  const items = rows.map((row, index) => ({
    deliveryId: row.id,
    kind: row.kind,
    ...pick(row, "jobId", "runId", "createdAtMs"),
    ...(index < shown.length ? { text: firstBytes(row.content.text, room) } : {}),
  }));
  return { text, body: JSON.stringify({ action: "digest", text: firstBytes(text, TEXT_MAX_BYTES), items }) };
}
