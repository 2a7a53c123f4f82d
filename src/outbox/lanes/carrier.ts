import type { DeliveryTry } from "../../../schema/wire/delivery.ts";
import { HOUR_MS, SECOND_MS } from "../../kernel/durations.ts";
import { errorText } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import type { DeliveryRecord } from "../../ledger/types.ts";
import type { DeliveryRequest, OutboxDeps } from "../deps.ts";
import { answerTo, editedBy } from "../message/index.ts";
import type { SendResult } from "../port.ts";
import type { Attempts } from "./attempt.ts";
import { decideEdit, withRest } from "./edit.ts";
import { describeDelivery, type LaneNotices } from "./notices.ts";
import type { Recorder, Told } from "./recorder.ts";
import type { LaneStops } from "./stops.ts";
import { attemptsInSchedule, failingSinceMs, withTry } from "./tries.ts";
import { decideVerdict, type Verdict } from "./verdict.ts";

/** A lane whose head fails for so long is news. */
const BLOCKED_AFTER_MS = HOUR_MS;
const RECORD_AGAIN_MS = SECOND_MS;

export function createCarrier(room: {
  deps: OutboxDeps;
  attempts: Attempts;
  recorder: Recorder;
  notices: LaneNotices;
  stops: LaneStops;
  enqueue(request: DeliveryRequest): string;
}) {
  const { deps, attempts, recorder, notices, stops, enqueue } = room;
  const { ledger, clock, logger } = deps;
  const stopped = new AbortController();

  /** Sends one claimed head and records what came of it. Answers when the lane may be looked at again. */
  async function carry(head: DeliveryRecord): Promise<number | undefined> {
    if (!ledger.deliveries.claim(head.id, clock.nowMs())) return undefined;
    try {
      // Until the claim is on disk a crash would forget that something may have been sent.
      await ledger.durable();
    } catch (error) {
      deps.onLedger?.(error);
      const retryAtMs = clock.nowMs() + 5 * SECOND_MS;
      await persist(() => putBack(head.id, retryAtMs, `the ledger could not be written: ${errorText(error)}`));
      return retryAtMs;
    }
    const delivery = ledger.deliveries.get(head.id);
    if (delivery === undefined) return clock.nowMs();
    const atMs = clock.nowMs();
    const sinceMs = clock.monotonicMs();
    const edits = editedBy(ledger, delivery);
    const result = await attempts.send(delivery, edits);
    const tookMs = Math.round(clock.monotonicMs() - sinceMs);
    const made: DeliveryTry = { atMs, tookMs, result: result.kind, ...detail(result) };
    await persist(() => recorder.commit((told) => record(told, delivery, { result, made, edits })));
    return clock.nowMs();
  }

  /** The receipt must get into the ledger: without it the message would be sent again or called unknown. */
  async function persist(write: () => void): Promise<void> {
    for (let failed = false; ; failed = true) {
      try {
        write();
        return;
      } catch (error) {
        deps.onLedger?.(error);
        if (!failed) logger.error(`a receipt waits for the ledger: ${errorText(error)}`);
        if (stopped.signal.aborted) return;
        await pause(RECORD_AGAIN_MS);
      }
    }
  }

  function pause(ms: number): Promise<void> {
    return new Promise((done) => {
      const cancel = clock.setTimer(over, ms);
      function over(): void {
        cancel();
        stopped.signal.removeEventListener("abort", over);
        done();
      }
      stopped.signal.addEventListener("abort", over);
    });
  }

  function putBack(id: string, nextAttemptAtMs: number, reason: string): void {
    ledger.deliveries.update(id, { state: "pending", nowMs: clock.nowMs(), nextAttemptAtMs, reason });
  }

  function record(told: Told, delivery: DeliveryRecord, { result, made, edits }: Sent): void {
    const decided = decideVerdict({
      edits: edits !== undefined,
      mode: delivery.destination.mode,
      result,
      attempts: attemptsInSchedule(delivery),
      nowMs: clock.nowMs(),
      backoffSeconds: deps.config.delivery?.backoffSeconds,
      jitter: deps.config.delivery?.jitter,
      random: deps.random(),
    });
    const verdict =
      edits === undefined
        ? decided
        : decideEdit(decided, { delivery, edits, isOver: isOver(delivery), nowMs: clock.nowMs() });
    const { state, nextAttemptAtMs, reason } = verdict;
    const change = {
      ...{ state, nextAttemptAtMs, reason },
      ...("custody" in verdict ? present({ custody: verdict.custody }) : {}),
      receipt: withTry(delivery, made, "facts" in verdict ? verdict.facts : {}),
    };
    recorder.move(told, delivery, withRest(ledger.deliveries.get(delivery.id), delivery, change));
    if (result.kind === "sent") passOn(delivery, result.receipt?.["answer"]);
    tell(told, delivery, verdict, made);
  }

  /** What an agent answers goes out with the receipt of its question: once. */
  function passOn(question: DeliveryRecord, answer: unknown): void {
    if (question.kind !== "question" || typeof answer !== "string") return;
    const request = answerTo({ ledger, hostName: deps.hostName, nowMs: clock.nowMs() }, question, answer);
    if (request !== undefined) enqueue(request);
  }

  const isOver = ({ runId = "" }: DeliveryRecord): boolean => ledger.runs.get(runId)?.endedAtMs !== undefined;

  function tell(told: Told, delivery: DeliveryRecord, verdict: Verdict, made: DeliveryTry): void {
    const { lane } = delivery;
    const what = () => describeDelivery(ledger, delivery);
    const look = `Look closer: openclaw command-cron deliveries show ${delivery.id}`;
    switch (verdict.state) {
      case "sent":
        notices.close("DELIVERY_DEAD", lane);
        notices.close("LANE_BLOCKED", lane);
        return;
      case "pending": {
        if (verdict.custody !== undefined) return;
        const sinceMs = failingSinceMs(delivery) ?? made.atMs;
        if (clock.nowMs() - sinceMs < BLOCKED_AFTER_MS) return;
        const text =
          `Nothing gets through since ${new Date(sinceMs).toISOString()}: ${what()}\nCause: ${verdict.reason}\n` +
          `It is tried again; what comes after it waits.\n${look}`;
        notices.raise(told, "LANE_BLOCKED", delivery, text);
        return;
      }
      case "dead":
        if (ledger.deliveries.waiting(lane, 1).length === 0) notices.close("LANE_BLOCKED", lane);
        if (verdict.disableLane) stops.disable(told, delivery, verdict.reason);
        else if (delivery.required || delivery.kind === "alert") {
          notices.raise(told, "DELIVERY_DEAD", delivery, `Not delivered: ${what()}\nCause: ${verdict.reason}\n${look}`);
        }
        return;
      case "unknown":
        notices.unknown(told, delivery, verdict.reason);
        return;
      default:
        return;
    }
  }

  return {
    carry,
    /** Stops waiting for a ledger that cannot be written; recovery at the next start knows what to do. */
    stop: () => stopped.abort(),
  };
}

/** What came of one attempt, and which message it was to change. */
interface Sent {
  result: SendResult;
  made: DeliveryTry;
  edits: string | undefined;
}

const detail = (result: SendResult): { detail?: string } => {
  const text = "error" in result ? result.error : "reason" in result ? result.reason : undefined;
  return text === undefined ? {} : { detail: text.slice(0, 300) };
};
