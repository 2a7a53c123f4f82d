import type { DeliveryTry } from "../../../schema/wire/delivery.ts";
import type { DeliveryRecord } from "../../ledger/types.ts";

type Receipt = NonNullable<DeliveryRecord["receipt"]>;

const TRIES_KEPT = 50;

/** The attempts made so far, oldest first. */
export const triesOf = ({ receipt }: DeliveryRecord): DeliveryTry[] =>
  (receipt?.["tries"] as DeliveryTry[] | undefined) ?? [];

/** The receipt with one more attempt and what it answered. */
export function withTry(delivery: DeliveryRecord, made: DeliveryTry, facts: Partial<Receipt> = {}): Receipt {
  const tries = [...triesOf(delivery), made].slice(-TRIES_KEPT);
  return { messageIds: [], ...delivery.receipt, ...facts, tries };
}

/** Starts the schedule of attempts over: a person asked for it, or the destination is known to be well again. */
export const withFreshSchedule = (delivery: DeliveryRecord): Receipt => ({
  messageIds: [],
  ...delivery.receipt,
  scheduleFrom: delivery.attempts,
});

/** Attempts since the schedule began. */
export const attemptsInSchedule = (delivery: DeliveryRecord): number =>
  delivery.attempts - ((delivery.receipt?.["scheduleFrom"] as number | undefined) ?? 0);

/** When the delivery first failed in this schedule, before the attempt that is under way. */
export function failingSinceMs(delivery: DeliveryRecord): number | undefined {
  const before = attemptsInSchedule(delivery) - 1;
  return before < 1 ? undefined : triesOf(delivery).slice(-before)[0]?.atMs;
}
