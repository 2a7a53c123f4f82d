import type { DeliveryRecord, Ledger } from "../../ledger/types.ts";

/** A longer text is no change of a message: a channel would cut it, or send it in parts. */
const EDIT_MAX_BYTES = 3_000;

/** The newest message about a run that goes on, in one lane. */
export const livingOf = ({ deliveries }: Pick<Ledger, "deliveries">, runId: string, lane: string) =>
  deliveries.ofRun(runId).findLast((row) => row.kind === "progress" && row.lane === lane);

/** Its id in the channel, by which it can be changed; undefined where it has none, or was found to stay as it is. */
export function editableId({ destination, receipt }: DeliveryRecord): string | undefined {
  if (destination.mode !== "announce" || receipt?.["fixed"] === true) return undefined;
  const [id, ...others] = receipt?.messageIds ?? [];
  return others.length === 0 ? id : undefined;
}

export const fitsEdit = (text: string): boolean => Buffer.byteLength(text) <= EDIT_MAX_BYTES;

/**
 * The message that a delivery changes instead of adding one: its own earlier state, or for a result the message of its
 * run. Such a change may be made again: it says nothing twice.
 */
export function editedBy(ledger: Pick<Ledger, "deliveries">, delivery: DeliveryRecord): string | undefined {
  const { kind, runId, lane, receipt, content } = delivery;
  if (kind === "progress") return editableId(delivery);
  if (kind !== "result" || runId === undefined || receipt?.["fixed"] === true || !fitsEdit(content.text))
    return undefined;
  const living = livingOf(ledger, runId, lane);
  return living === undefined ? undefined : editableId(living);
}
