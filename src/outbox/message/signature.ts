import { createHmac } from "node:crypto";
import { CommandCronError } from "../../kernel/errors.ts";

const PREFIX = "whsec_";
/** The lengths Standard Webhooks asks for. */
const KEY_MIN_BYTES = 24;
const KEY_MAX_BYTES = 64;

/**
 * The key bytes of a signing secret: base64 after `whsec_`, or the text's own bytes.
 * Raises WEBHOOK_SECRET_INVALID; the secret itself is never part of the message.
 */
export function webhookKey(secret: string, field = "config.webhook.secrets"): Buffer {
  const encoded = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : undefined;
  if (encoded !== undefined && !/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) {
    throw new CommandCronError("WEBHOOK_SECRET_INVALID", { field, expected: `base64 after ${PREFIX}` });
  }
  const key = encoded === undefined ? Buffer.from(secret, "utf8") : Buffer.from(encoded, "base64");
  if (key.length < KEY_MIN_BYTES || key.length > KEY_MAX_BYTES) {
    throw new CommandCronError("WEBHOOK_SECRET_INVALID", {
      field,
      expected: `${KEY_MIN_BYTES} to ${KEY_MAX_BYTES} bytes`,
      got: `${key.length}`,
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
