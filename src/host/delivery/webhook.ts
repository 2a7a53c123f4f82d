import type { GuardedFetchParams } from "openclaw/plugin-sdk/ssrf-runtime";
import { SECOND_MS } from "../../kernel/durations.ts";
import { errorText } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import type { OutboundMessage, SendResult } from "../../outbox/port.ts";
import { webhookUrlProblem } from "../../policy/addresses/index.ts";
import { refused, TRANSIENT_STATUS } from "./send-errors.ts";

/** From the first byte to the last of the answer's head. */
const WEBHOOK_TIMEOUT_MS = 15 * SECOND_MS;
const GONE = 410;
/** How the guard of 2026.6.1 says it, whose error has no name of its own; a host's name may speak of redirects, too. */
const REDIRECT_TEXT = /^(Too many redirects|Redirect missing)/;

export interface WebhookDeps {
  /** The gateway's guarded fetch: refuses private addresses unless the policy allows them. */
  fetch(params: GuardedFetchParams): Promise<{ response: Response; release?: () => Promise<void> }>;
  policy(): unknown;
  /** `cron.webhookToken`, resolved. Raises SECRET_UNRESOLVED. */
  token(): Promise<string | undefined>;
  nowMs(): number;
}

/**
 * Posts a message. Every failure may be repeated: the receiver knows a repeat by its `webhook-id`. So nothing here is
 * ever `unknown`.
 */
export async function sendWebhook(
  deps: WebhookDeps,
  message: OutboundMessage,
  signal: AbortSignal,
): Promise<SendResult> {
  if (message.to === undefined || message.body === undefined) return refused("the destination has no address");
  // What fetch says of such an address repeats it, password and all.
  const problem = webhookUrlProblem(message.to);
  if (problem !== undefined) return refused(`the address cannot be used: it is ${problem}`);
  try {
    const token = message.authorized === true ? await deps.token() : undefined;
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const headers = { "content-type": "application/json", ...authorization, ...message.headers };
    const init = { method: "POST", headers, body: message.body };
    return classifyResponse(await headOf(deps, message.to, init, signal), deps.nowMs());
  } catch (error) {
    return classifyError(error);
  }
}

/** The head of an answer. What the receiver writes below it does not matter, and must not keep the connection. */
async function headOf(
  { fetch, policy }: Pick<WebhookDeps, "fetch" | "policy">,
  url: string,
  init: GuardedFetchParams["init"],
  signal: AbortSignal,
): Promise<Response> {
  const asked = { url, init, policy: policy(), timeoutMs: WEBHOOK_TIMEOUT_MS, maxRedirects: 0, signal };
  const { response, release } = await fetch(asked);
  await release?.().catch(() => {});
  return response;
}

/** Asks for an address, as a heartbeat. Answers what went wrong, without the address: its path may be a secret. */
export async function ping(
  deps: Pick<WebhookDeps, "fetch" | "policy">,
  url: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const problem = webhookUrlProblem(url);
  if (problem !== undefined) return `the address cannot be used: it is ${problem}`;
  try {
    const response = await headOf(deps, url, { method: "GET", headers: {} }, signal);
    return response.ok ? undefined : `the receiver answered HTTP ${response.status}`;
  } catch (error) {
    const result = classifyError(error);
    return result.kind === "failed" ? result.error : errorText(error);
  }
}

function classifyResponse(response: Response, nowMs: number): SendResult {
  const { status } = response;
  if (status >= 200 && status < 300) return { kind: "sent", messageIds: [], receipt: { status } };
  const error = `the receiver answered HTTP ${status}`;
  if (status === GONE) return { kind: "failed", permanent: true, disableDestination: true, error };
  return {
    kind: "failed",
    permanent: status < 500 && !TRANSIENT_STATUS.has(status),
    error,
    ...present({ retryAfterMs: parseRetryAfterMs(response.headers.get("retry-after"), nowMs) }),
  };
}

function classifyError(error: unknown): SendResult {
  const name = error instanceof Error ? error.name : "";
  const text = errorText(error);
  const blocked = name === "SsrFBlockedError" || text.startsWith("Invalid URL");
  const redirected = name === "GuardedFetchRedirectError" || REDIRECT_TEXT.test(text);
  if (redirected) return refused("the receiver redirects, which is not followed");
  return { kind: "failed", permanent: blocked, error: withCause(error, text) };
}

/** `fetch failed` alone helps nobody; the reason is some levels down, as a code or in words. */
function withCause(error: unknown, text: string): string {
  let cause = error instanceof Error ? error.cause : undefined;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  const { code, message } = (cause ?? {}) as { code?: unknown; message?: unknown };
  const reason = typeof code === "string" ? code : message;
  return typeof reason === "string" && reason !== "" && reason !== text ? `${text} (${reason})` : text;
}

/** RFC 9110: seconds, or a date. Answers milliseconds from now, never negative. */
export function parseRetryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Number(text) * SECOND_MS;
  const atMs = /^[A-Za-z]{3}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - nowMs);
}
