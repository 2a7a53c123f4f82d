import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { failure, openMachine, polite } from "./machine.ts";

let machine: ReturnType<typeof openMachine>;
beforeEach(() => {
  machine = openMachine();
});

describe("what goes to which gateway", () => {
  const SECRET = "THIS-HOSTS-SECRET";

  function keepIdentity(): void {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const keys = {
      publicKeyPem: publicKey.export({ type: "spki", format: "pem" }),
      privateKeyPem: privateKey.export({ type: "pkcs8", format: "pem" }),
    };
    mkdirSync(join(machine.dir, "identity"));
    writeFileSync(join(machine.dir, "identity", "device.json"), JSON.stringify(keys));
  }

  it("is nothing of this machine at an address of the environment: no secret, no signature", async () => {
    keepIdentity();
    writeFileSync(join(machine.dir, "openclaw.json"), JSON.stringify({ gateway: { auth: { token: SECRET } } }));
    writeFileSync(join(machine.dir, ".env"), `OPENCLAW_GATEWAY_PASSWORD=${SECRET}`);
    const { url, requests } = await machine.serve(polite);
    const ask = (env: Record<string, string>, flags = {}) =>
      machine.here(env)("cron.command.list", {}, { timeoutMs: 5_000, ...flags });
    expect(await failure(ask({ OPENCLAW_GATEWAY_URL: url }))).toMatchObject({ code: "CREDENTIALS_MISSING" });
    expect(await failure(ask({}, { url }))).toMatchObject({ code: "CREDENTIALS_MISSING" });
    expect(requests).toEqual([]);
    await ask({ OPENCLAW_GATEWAY_URL: url, OPENCLAW_GATEWAY_TOKEN: "its own" });
    expect(requests[0]?.params["auth"]).toEqual({ token: "its own" });
    expect(JSON.stringify(requests)).not.toContain(SECRET);
  });

  it("says with what it asked, or where it looked, when it is not let in", async () => {
    const { url } = await machine.serve(() => ({
      ok: false,
      error: { code: "UNAUTHORIZED", message: "token mismatch" },
    }));
    const { port } = new URL(url);
    const file = join(machine.dir, "openclaw.json");
    const refused = async () =>
      (await failure(machine.here()("cron.command.list", {}, { port, timeoutMs: 5_000 }))).message;
    expect(await refused()).toContain(
      `token mismatch (no token and no password found: gateway.auth.token in ${file} is not set, OPENCLAW_GATEWAY_TOKEN is not set,`,
    );
    expect(await refused()).toContain(`${file}: there is no such file)`);
    writeFileSync(file, JSON.stringify({ gateway: { auth: { token: "old" } } }));
    expect(await refused()).toBe(`token mismatch (asked with the secret of gateway.auth.token in ${file})`);
  });

  it("leaves to the gateway's own client what only that can do", async () => {
    const { url, requests } = await machine.serve(() => ({
      ok: false,
      error: { code: "UNAUTHORIZED", message: "who are you" },
    }));
    const { port } = new URL(url);
    const asked: unknown[] = [];
    const ownClient = async () => async (method: string) => {
      asked.push(method);
      return "by the other door";
    };
    const ask = (flags = {}) =>
      machine.here({}, ownClient)("cron.command.list", {}, { port, timeoutMs: 5_000, ...flags });
    // No secret in reach: the machine may be paired.
    expect(await ask()).toBe("by the other door");
    expect(requests).toHaveLength(1);
    // A reference: there is no point in knocking first.
    const token = { source: "exec", provider: "vault", id: "gateway" };
    writeFileSync(join(machine.dir, "openclaw.json"), JSON.stringify({ gateway: { auth: { token } } }));
    expect(await ask()).toBe("by the other door");
    expect(requests).toHaveLength(1);
    expect(await failure(ask({ token: "wrong" }))).toMatchObject({ code: "UNAUTHORIZED" });
    expect(await failure(ask({ url, token: "wrong" }))).toMatchObject({ code: "UNAUTHORIZED" });
    expect(asked).toHaveLength(2);
  });
});
