import { createHmac } from "node:crypto";
import { CommandCronError } from "../../kernel/errors.ts";

const PREFIX = "whsec_";
/** The lengths Standard Webhooks asks for. */
const KEY_MIN_BYTES = 24;
const KEY_MAX_BYTES = 64;

/** Base64 in whole groups of four, as the reference library takes it: `openssl rand -base64 32` and `-hex 32` are. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * The key bytes of a signing secret, as receivers built with Standard Webhooks' own library read it: base64, with or
 * without `whsec_` before it. What is no base64 stands for its own bytes, which that library reads with `{format: "raw"}`.
 * Raises WEBHOOK_SECRET_INVALID; the secret itself is never part of the message.
 */
export function webhookKey(secret: string, field = "config.webhook.secrets"): Buffer {
  const prefixed = secret.startsWith(PREFIX);
  const text = prefixed ? secret.slice(PREFIX.length) : secret;
  if (prefixed && !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
    throw new CommandCronError("WEBHOOK_SECRET_INVALID", { field, expected: `base64 after ${PREFIX}` });
  }
  const encoding = prefixed || BASE64.test(text) ? "base64" : "utf8";
  const key = Buffer.from(text, encoding);
  if (key.length < KEY_MIN_BYTES || key.length > KEY_MAX_BYTES) {
    throw new CommandCronError("WEBHOOK_SECRET_INVALID", {
      field,
      expected: `${KEY_MIN_BYTES} to ${KEY_MAX_BYTES} bytes`,
      got: `${key.length}${encoding === "base64" ? " in base64" : ""}`,
    });
  }
  return key;
}

/**
 * The Standard Webhooks headers of one attempt. The id stays over attempts, the time is the attempt's own; one signature
 * for each key, none without keys.
 */
export function signatureHeaders(message: {
  id: string;
  atMs: number;
  body: string;
  keys: readonly Uint8Array[];
}): Record<string, string> {
  const timestamp = Math.floor(message.atMs / 1_000);
  const signed = `${message.id}.${timestamp}.${message.body}`;
  const signatures = message.keys.map(
    (key) => `v1,${createHmac("sha256", key).update(signed, "utf8").digest("base64")}`,
  );
  return {
    "webhook-id": message.id,
    "webhook-timestamp": String(timestamp),
    ...(signatures.length === 0 ? {} : { "webhook-signature": signatures.join(" ") }),
  };
}
