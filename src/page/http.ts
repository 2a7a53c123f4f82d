import type { IncomingMessage, ServerResponse } from "node:http";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { PageAnswer } from "../../schema/wire/page.ts";
import { CommandCronError, type ErrorCode } from "../kernel/errors.ts";

const compress = promisify(gzip);
/** Less than this is not worth the work. */
const COMPRESS_BYTES = 1_024;

/** Nothing of ours is kept by a browser or told to another site. */
export const PRIVATE_HEADERS = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

/** The frame has an origin of its own that no list could name; what is asked for is the ticket. */
export const ANY_ORIGIN = { "access-control-allow-origin": "*" } as const;

/** The query of a request; its path says nothing here that the gateway did not say already. */
export const urlOf = (request: IncomingMessage): URL => new URL(request.url ?? "/", "http://gateway");

export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  headers: Record<string, string>,
  body: string,
): Promise<void> {
  const zip = body.length > COMPRESS_BYTES && /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
  const bytes = zip ? await compress(body) : Buffer.from(body);
  if (response.destroyed) return;
  response.writeHead(status, {
    ...PRIVATE_HEADERS,
    ...headers,
    ...(zip ? { "content-encoding": "gzip", vary: "accept-encoding" } : {}),
    "content-length": bytes.length,
  });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

export const answerJson = (
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: PageAnswer,
): Promise<void> =>
  answer(
    request,
    response,
    status,
    { ...ANY_ORIGIN, "content-type": "application/json; charset=utf-8" },
    JSON.stringify(body),
  );

/** What the client does next depends on the code; the status is for those who look at the wire. */
const STATUS_OF: Partial<Record<ErrorCode, number>> = {
  TICKET_REFUSED: 401,
  READ_ONLY: 403,
  SERVICE_STOPPED: 503,
  INTERNAL: 500,
};

export async function answerError(request: IncomingMessage, response: ServerResponse, thrown: unknown): Promise<void> {
  const error = thrown instanceof CommandCronError ? thrown : new CommandCronError("INTERNAL", { cause: thrown });
  const { code, message } = error;
  await answerJson(request, response, STATUS_OF[code] ?? 400, { ok: false, error: { code, message } });
}
