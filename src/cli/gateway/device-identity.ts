import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface DeviceIdentity {
  id: string;
  /** Raw Ed25519 public key, base64url. */
  publicKey: string;
  sign(text: string): string;
}

const RAW_KEY_BYTES = 32;

/**
 * The device identity the gateway's own CLI keeps in its state directory; undefined when there is none. Gateways that
 * give a client without a device no scopes (2026.6.1) know the machine's CLI by it. It is read, never made or changed.
 */
export function readDeviceIdentity(stateDir: string): DeviceIdentity | undefined {
  try {
    const { publicKeyPem, privateKeyPem } = JSON.parse(readFileSync(join(stateDir, "identity", "device.json"), "utf8"));
    if (typeof publicKeyPem !== "string" || typeof privateKeyPem !== "string") return undefined;
    const der = createPublicKey(publicKeyPem).export({ type: "spki", format: "der" });
    const raw = der.subarray(der.length - RAW_KEY_BYTES);
    const key = createPrivateKey(privateKeyPem);
    return {
      id: createHash("sha256").update(raw).digest("hex"),
      publicKey: raw.toString("base64url"),
      sign: (text) => sign(null, Buffer.from(text, "utf8"), key).toString("base64url"),
    };
  } catch {
    return undefined;
  }
}

interface SignedFacts {
  clientId: string;
  clientMode: string;
  role: string;
  scopes: readonly string[];
  signedAtMs: number;
  token: string;
  nonce: string;
  platform: string;
}

/** The text a device signs, third version: it binds the key to this client, its scopes, the secret and the challenge. */
export function deviceStatement(id: string, facts: SignedFacts): string {
  const { clientId, clientMode, role, scopes, signedAtMs, token, nonce, platform } = facts;
  const deviceFamily = "";
  const client = [id, clientId, clientMode, role, scopes.join(","), signedAtMs];
  return ["v3", ...client, token, nonce, platform.toLowerCase(), deviceFamily].join("|");
}
