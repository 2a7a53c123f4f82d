import { present } from "../../kernel/present.ts";
import type { SendResult } from "../../outbox/port.ts";

/** The gateway's own mark on an error: no send began. `retryable: false` on it means that none ever will. */
const NOT_DISPATCHED = "OPENCLAW_PLATFORM_MESSAGE_NOT_DISPATCHED";
/** Failures before a connection existed, where the system call says so. */
const PRE_CONNECT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ENETDOWN", "ENETUNREACH", "EHOSTUNREACH"]);
const CONNECT_CALLS = new Set(["connect", "getaddrinfo"]);
const PRE_CONNECT_UNDICI = new Set(["UND_ERR_CONNECT_TIMEOUT", "UND_ERR_DNS_RESOLVE_FAILED"]);
/** Refusals that may be none next time; others say that the request itself is wrong. 408: it was not read to its end. */
export const TRANSIENT_STATUS: ReadonlySet<number> = new Set([408, 425, 429]);
const MAX_ERRORS = 50;
const NESTED = ["cause", "original", "error", "reason", "errors"];

/** What will be refused each time. */
export const refused = (error: string): SendResult => ({ kind: "failed", permanent: true, error });

type Facts = Record<string, unknown>;

/** An error and everything it wraps. */
export function collectErrors(error: unknown): Facts[] {
  const found = new Set<Facts>();
  const open: unknown[] = [error];
  while (open.length > 0 && found.size < MAX_ERRORS) {
    const at = open.pop();
    if (Array.isArray(at)) open.push(...at);
    else if (typeof at === "object" && at !== null && !found.has(at as Facts)) {
      found.add(at as Facts);
      for (const key of NESTED) open.push((at as Facts)[key]);
    }
  }
  return [...found];
}

/** The gateway keeps the message in its own queue and sends it later. */
export const isHeld = (errors: Facts[]): boolean => errors.some((error) => error["queueCustody"] === "held");

export const showsSomethingSent = (errors: Facts[]): boolean =>
  errors.some((error) => error["sentBeforeError"] === true || error["visibleReplySent"] === true);

/**
 * True when what went wrong lies before the first byte of the message. Wrappers prove nothing by themselves, so the
 * proof must be somewhere below, and nothing beside it may speak of a connection that stood.
 */
export function provesNothingSent(errors: Facts[]): boolean {
  return errors.some(isBeforeSending) && !errors.some(isAfterConnecting);
}

function isBeforeSending(error: Facts): boolean {
  const code = error["code"];
  if (code === NOT_DISPATCHED || PRE_CONNECT_UNDICI.has(String(code))) return true;
  return PRE_CONNECT.has(String(code)) && CONNECT_CALLS.has(String(error["syscall"]));
}

function isAfterConnecting(error: Facts): boolean {
  const code = error["code"];
  if (typeof code !== "string" || isBeforeSending(error)) return false;
  return /^(ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ESOCKET\w*|UND_ERR_\w+)$/.test(code);
}

/** A refusal that came as an answer: nothing was said, and asking again helps only where the answer says so. */
export function platformRefusal(errors: Facts[]): { permanent: boolean; retryAfterMs?: number } | undefined {
  if (errors.some((error) => error["code"] === NOT_DISPATCHED && error["retryable"] === false))
    return { permanent: true };
  for (const error of errors) {
    const status = [error["status"], error["statusCode"], error["error_code"]].find(
      (value) => typeof value === "number",
    );
    if (status === undefined || status < 400 || status >= 500) continue;
    return { permanent: !TRANSIENT_STATUS.has(status), ...present({ retryAfterMs: retryAfterOf(error) }) };
  }
  return undefined;
}

/** Telegram: `parameters.retry_after`; Discord, Slack: `retryAfter`, all in seconds. */
function retryAfterOf(error: Facts): number | undefined {
  const parameters = error["parameters"] as Facts | undefined;
  if (typeof error["retryAfterMs"] === "number") return error["retryAfterMs"];
  const seconds = [parameters?.["retry_after"], error["retry_after"], error["retryAfter"]].find(
    (value) => typeof value === "number" && Number.isFinite(value) && value >= 0,
  );
  return typeof seconds === "number" ? Math.round(seconds * 1_000) : undefined;
}
