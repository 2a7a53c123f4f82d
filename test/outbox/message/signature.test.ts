import { randomBytes } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { signatureHeaders, webhookKey } from "../../../src/outbox/message/signature.ts";
import fc from "../../helpers/fc.ts";

const newSecret = (bytes = 32): string => `whsec_${randomBytes(bytes).toString("base64")}`;
const body = JSON.stringify({ text: "Grüße 你好 \u202e rtl 🚀", nul: "\u0000" });

describe("webhook signatures", () => {
  it("verify with the reference library", () => {
    const secret = newSecret();
    const headers = signatureHeaders({ id: "d1", atMs: Date.now(), body, keys: [webhookKey(secret)] });
    expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
  });

  it("verify with either secret while they rotate", () => {
    const [fresh, old] = [newSecret(), newSecret()];
    const headers = signatureHeaders({
      id: "d1",
      atMs: Date.now(),
      body,
      keys: [fresh, old].map((one) => webhookKey(one)),
    });
    for (const secret of [fresh, old]) expect(new Webhook(secret).verify(body, headers)).toBeTruthy();
    expect(() => new Webhook(newSecret()).verify(body, headers)).toThrow("No matching signature");
  });

  it("verify with a secret given as plain text", () => {
    const secret = "a plain secret of thirty-two byt";
    const headers = signatureHeaders({ id: "d1", atMs: Date.now(), body, keys: [webhookKey(secret)] });
    expect(new Webhook(secret, { format: "raw" }).verify(body, headers)).toBeTruthy();
  });

  it.each([
    ["openssl rand -base64 32", randomBytes(32).toString("base64")],
    ["openssl rand -base64 24", randomBytes(24).toString("base64")],
    ["openssl rand -hex 32", randomBytes(32).toString("hex")],
    ["openssl rand -hex 24", randomBytes(24).toString("hex")],
  ])("verify with the reference library's own reading of what `%s` prints", (_, secret) => {
    const headers = signatureHeaders({ id: "d1", atMs: Date.now(), body, keys: [webhookKey(secret)] });
    expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
  });

  it("are made with exactly one of the two readings that the reference library has", () => {
    fc.assert(
      fc.property(fc.base64String({ minLength: 24, maxLength: 88 }), fc.string({ maxLength: 3 }), (base64, more) => {
        const secret = base64 + more;
        let key: Buffer;
        try {
          key = webhookKey(secret);
        } catch {
          return;
        }
        const headers = signatureHeaders({ id: "d1", atMs: Date.now(), body, keys: [key] });
        const verifies = (options?: { format: "raw" }): boolean => {
          try {
            return (
              new Webhook(options === undefined ? secret : Buffer.from(secret), options).verify(body, headers) !== ""
            );
          } catch {
            return false;
          }
        };
        expect([verifies(), verifies({ format: "raw" })]).toContain(true);
        if (more === "") expect(verifies()).toBe(true);
      }),
    );
  });

  it("do not verify for another body, id or time", () => {
    const secret = newSecret();
    const atMs = Date.now();
    const headers = signatureHeaders({ id: "d1", atMs, body, keys: [webhookKey(secret)] });
    const receiver = new Webhook(secret);
    expect(() => receiver.verify(`${body} `, headers)).toThrow();
    expect(() => receiver.verify(body, { ...headers, "webhook-id": "d2" })).toThrow();
    const later = String(Math.floor(atMs / 1000) + 1);
    expect(() => receiver.verify(body, { ...headers, "webhook-timestamp": later })).toThrow();
  });

  it("are left out without a secret; id and time are not", () => {
    const headers = signatureHeaders({ id: "d1", atMs: 1_500, body, keys: [] });
    expect(headers).toEqual({ "webhook-id": "d1", "webhook-timestamp": "1" });
  });

  it.each([
    ["empty", ""],
    ["too short", "short"],
    ["too long", newSecret(65)],
    ["not base64", "whsec_%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%"],
  ])("refuse a secret that is %s, without telling it", (_, secret) => {
    let message = "";
    try {
      webhookKey(secret);
    } catch (error) {
      message = String(error);
      expect(error).toMatchObject({ code: "WEBHOOK_SECRET_INVALID" });
    }
    expect(message).toContain("signing secret");
    if (secret !== "") expect(message).not.toContain(secret.replace("whsec_", ""));
  });
});
