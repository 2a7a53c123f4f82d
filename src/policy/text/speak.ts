import type { WireStatus } from "../../../schema/wire/job.ts";
import type { DeliverWhen } from "../../../schema/wire/policy.ts";
import { lineDifference } from "./difference.ts";
import { compileMatch, findsMatch } from "./match.ts";

type SuppressReason = "empty" | "no_reply" | "unchanged" | "not_matching" | "policy" | "skipped";

export type DeliveryDecision =
  | {
      verdict: "deliver";
      text: string;
      /** What the next run's text is compared with under `change`; to be kept as the last delivered text. */
      remember: string;
    }
  | { verdict: "suppress"; reason: SuppressReason };

export interface DeliveryQuestion {
  deliver: DeliverWhen;
  wireStatus: WireStatus;
  /** How the job's last run that really ran ended; skipped and missed occurrences do not count. */
  previousStatus: WireStatus | undefined;
  /** What the run says, from `summarize`. */
  text: string;
  /** The run's error in one line; undefined for a success. */
  error: string | undefined;
  lastDeliveredText: string | undefined;
  /** What the job's last message says below the run's own words: it goes out unless the job never speaks. */
  farewell?: string | undefined;
}

const suppress = (reason: SuppressReason): DeliveryDecision => ({ verdict: "suppress", reason });

/**
 * Whether a finished run's output goes out, and as which text. Silence by emptiness or `NO_REPLY` needs a success: a
 * failure always has something to say, its error line, which follows its output.
 */
export function decideDelivery(question: DeliveryQuestion): DeliveryDecision {
  const { deliver, wireStatus, previousStatus, lastDeliveredText } = question;
  const on = deliver.on ?? "always";
  const failed = wireStatus !== "ok";
  if (on === "never") return suppress("policy");
  if (question.farewell !== undefined) return lastMessage(question, question.farewell);
  if (wireStatus === "skipped") return suppress("skipped");
  if (on === "failure" && !failed) return suppress("policy");
  if (on === "recovery" && (failed || previousStatus !== "error")) return suppress("policy");
  const message = failed ? failureMessage(question) : successMessage(question, on === "recovery");
  if (typeof message !== "string") return message;
  if (deliver.match !== undefined && !findsMatch(compileMatch(deliver.match), message)) return suppress("not_matching");
  if (on !== "change" || lastDeliveredText === undefined)
    return { verdict: "deliver", text: message, remember: message };
  if (message === lastDeliveredText) return suppress("unchanged");
  return { verdict: "deliver", text: lineDifference(lastDeliveredText, message), remember: message };
}

function lastMessage(question: DeliveryQuestion, farewell: string): DeliveryDecision {
  const { text, wireStatus } = question;
  const said = wireStatus === "error" ? failureMessage(question) : isNoReply(text) ? "" : text;
  const message = said.trim() === "" ? farewell : `${said}\n\n${farewell}`;
  return { verdict: "deliver", text: message, remember: message };
}

/** A recovery is news even when the command itself has nothing to say. */
function successMessage({ text }: DeliveryQuestion, recovery: boolean): string | DeliveryDecision {
  const reason = text.trim() === "" ? "empty" : isNoReply(text) ? "no_reply" : undefined;
  if (reason === undefined) return text;
  return recovery ? "the command succeeded again" : suppress(reason);
}

function failureMessage({ text, error }: DeliveryQuestion): string {
  const line = error ?? "command failed";
  return text.trim() === "" || isNoReply(text) ? line : `${text}\n\n${line}`;
}

/**
 * The gateway's silent word, alone or repeated, in any case, with or without punctuation around it. Borrowed rule: the
 * same texts are silent in chat replies.
 */
export function isNoReply(text: string): boolean {
  const bare = text.trim().replace(/^\p{P}+/u, "");
  const word = bare.slice(0, bare.length - trailingPunctuation(bare)).trim();
  return /^NO_REPLY(?:\s+NO_REPLY)*$/i.test(word);
}

function trailingPunctuation(text: string): number {
  let length = 0;
  for (const character of [...text.slice(-64)].reverse()) {
    if (!/\p{P}/u.test(character)) break;
    length += character.length;
  }
  return length;
}
