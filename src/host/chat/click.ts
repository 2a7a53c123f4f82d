import type { Action, DeliveryEntry } from "../../../schema/wire/delivery.ts";
import { DAY_MS } from "../../kernel/durations.ts";
import { errorText } from "../../kernel/errors.ts";
import { readButton, SILENCE_SECONDS } from "../gateway/index.ts";
import { type Deeds, Refused, short } from "./deeds.ts";

/** A message is acted on from its buttons for so long; what is older has been overtaken. */
const FRESH_MS = DAY_MS;
const CHANGES: ReadonlySet<Action> = new Set(["run", "stop", "disable"]);

/** One click, as the channel tells it. */
export interface Click {
  /** What stands behind the namespace. */
  payload: string;
  /** The message that was clicked, by the channel's id, and its chat. */
  messageId: string | undefined;
  chatId: string | undefined;
}

/**
 * Does what a button says, and answers in words. A click may come late, twice, by two people, from a message that somebody
 * else made, or about a job that is gone: each is answered, and no button starts two runs.
 */
export async function answerClick(deeds: Deeds, click: Click, nowMs: number): Promise<string> {
  const asked = readButton(click.payload);
  if (asked === undefined) return "This button is none of Command Cron's of this version.";
  try {
    const delivery = await deeds.delivery(asked.deliveryId);
    if (!isOurs(delivery, click)) return "This button does not belong to this message; nothing was done.";
    return await act(deeds, asked.action, delivery, nowMs);
  } catch (error) {
    return refusalText(error);
  }
}

/** A message of another's making could carry our buttons under other words: only those of what we sent count. */
function isOurs({ messageIds = [], destination }: DeliveryEntry, { messageId, chatId }: Click): boolean {
  if (messageId === undefined || !messageIds.includes(messageId)) return false;
  const to = destination.to?.replace(/^[a-z]+:/i, "").replace(/:topic:\d+$/, "") ?? "";
  return chatId === undefined || !/^-?\d+$/.test(to) || to === chatId;
}

async function act(deeds: Deeds, action: Action, delivery: DeliveryEntry, nowMs: number): Promise<string> {
  const { jobId = "", runId } = delivery;
  const job = await deeds.job(jobId);
  if (CHANGES.has(action) && nowMs - delivery.createdAtMs > FRESH_MS) {
    const day = new Date(delivery.createdAtMs).toISOString().slice(0, 10);
    return `This message is of ${day}; nothing was done. As of now: /cron ${action} ${short(job.id)}`;
  }
  switch (action) {
    case "run":
      return await deeds.run(job.id, `button:${delivery.deliveryId}`);
    case "stop":
      return await deeds.stop(runId === undefined ? { ref: job.id } : { runId });
    case "silence":
      return await deeds.silence(job.id, SILENCE_SECONDS);
    case "disable":
      return await deeds.enable(job, false);
    case "tail": {
      const said = await deeds.tail(runId === undefined ? { ref: job.id } : { runId });
      return said === "" ? `${job.name} has printed nothing.` : said;
    }
  }
}

/** What is kinder than the error table's words, which speak of the command line. */
const KIND: Record<string, string> = {
  DELIVERY_NOT_FOUND: "This message is too old: its record has been removed. /cron list shows the jobs.",
  JOB_NOT_FOUND: "The job of this message has been removed; nothing was done.",
  ALERT_NOT_FOUND: "Its incident is over: there is nothing to be silent about.",
  RUN_NOT_FOUND: "That run's record has been removed.",
};

export const refusalText = (error: unknown, kind = KIND): string =>
  error instanceof Refused ? (kind[error.code] ?? error.message) : errorText(error);
