import { SECOND_MS } from "../../kernel/durations.ts";
import { present } from "../../kernel/present.ts";
import type { DeliveryRecord } from "../../ledger/types.ts";
import { editableId } from "../message/index.ts";
import { attemptsInSchedule, withFreshSchedule } from "./tries.ts";
import type { Verdict } from "./verdict.ts";

/** A result that could not be put in the place of its run's message so often is sent as one of its own. */
const EDITS_MAX = 3;
/** The gateway may not be asked just now: right after its start, for one. Nobody waits for a result much longer. */
const AGAIN_MS = 20 * SECOND_MS;
const FIXED = { fixed: true };

/**
 * What an attempt to change a message means, from what it would mean for one that is sent. A report about a run never
 * holds up its lane while the run goes on: what it could not say, the next one says. A result that cannot be put in its
 * place is sent anew.
 */
export function decideEdit(
  verdict: Verdict,
  { delivery, edits, isOver, nowMs }: { delivery: DeliveryRecord; edits: string; isOver: boolean; nowMs: number },
): Verdict {
  const isReport = delivery.kind === "progress";
  const stays = (facts: Record<string, unknown>): Verdict => ({
    ...{ state: "sent", nextAttemptAtMs: null, reason: null },
    facts: { ...facts, messageIds: [edits] },
  });
  const anew = (reason: string | null): Verdict => ({
    ...{ state: "pending", nextAttemptAtMs: nowMs, facts: FIXED },
    reason: `sent anew, since the message cannot be changed: ${reason}`,
  });
  if (verdict.state === "sent") return stays({ ...verdict.facts, unsaid: false });
  if (verdict.state === "suppressed") return stays({});
  if (verdict.state === "pending" && verdict.custody === undefined) {
    if (isReport && !isOver) return stays({ unsaid: true });
    if (attemptsInSchedule(delivery) < EDITS_MAX) return { ...verdict, nextAttemptAtMs: nowMs + AGAIN_MS };
  }
  return isReport ? stays(FIXED) : anew(verdict.reason);
}

/** A message that was changed while it was sent has more to say, where it can be. */
export function withRest<C extends { state: string; receipt?: DeliveryRecord["receipt"] }>(
  now: DeliveryRecord | undefined,
  sent: DeliveryRecord,
  change: C,
): C {
  if (now?.kind !== "progress" || change.state !== "sent" || now.content.text === sent.content.text) return change;
  const after = { ...now, ...present({ receipt: change.receipt }) };
  if (editableId(after) === undefined) return change;
  return { ...change, state: "pending", receipt: withFreshSchedule(after) };
}
