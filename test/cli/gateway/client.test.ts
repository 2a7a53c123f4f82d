import { createHash, createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { createGatewayCall } from "../../../src/cli/gateway/client.ts";
import { GatewayCallError } from "../../../src/cli/index.ts";
import { CommandCronError } from "../../../src/kernel/errors.ts";

interface Request {
  id: string;
  method: string;
  params: Record<string, unknown>;
}
type Answer = { ok: boolean; payload?: unknown; error?: unknown } | "silence" | "close";

const CHALLENGE = { nonce: "n-1", ts: 1_700_000_000_000 };

/** A gateway of few words: challenge, connect, one answer. */
async function gateway(answer: (request: Request) => Answer) {
  const requests: Request[] = [];
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  server.on("connection", (socket: WebSocket) => {
    socket.send(JSON.stringify({ type: "event", event: "connect.challenge", payload: CHALLENGE }));
    socket.on("message", (data) => {
      const request = JSON.parse(String(data)) as Request;
      requests.push(request);
      const reply = answer(request);
      if (reply === "silence") return;
      if (reply === "close") socket.close(1008, "no thanks");
      else {
        // Events may come at any time.
        socket.send(JSON.stringify({ type: "event", event: "tick", payload: {} }));
        socket.send(JSON.stringify({ type: "res", id: request.id, ...reply }));
      }
    });
  });
  await new Promise((resolve) => server.once("listening", resolve));
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, requests, close: () => new Promise((resolve) => server.close(resolve)) };
}

const polite = (request: Request): Answer => ({
  ok: true,
  payload: request.method === "connect" ? {} : { hello: request.params },
});

let dir: string;
let open: { close(): Promise<unknown> }[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "cc-client-"));
});
afterEach(async () => {
  await Promise.all(open.map((server) => server.close()));
  open = [];
  rmSync(dir, { recursive: true, force: true });
});

async function serve(answer: (request: Request) => Answer) {
  const server = await gateway(answer);
  open.push(server);
  const call = createGatewayCall({ OPENCLAW_STATE_DIR: dir }, "1.2.3");
  const ask = (method: string, params: unknown, timeoutMs = 5_000) =>
    call(method, params, { url: server.url, token: "t", timeoutMs });
  return { ...server, ask };
}

async function failure(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not fail");
}

describe("the bin's gateway client", () => {
  it("answers the challenge, says who it is, and brings one answer back", async () => {
    const { ask, requests } = await serve(polite);
    expect(await ask("cron.command.list", { limit: 5 })).toEqual({ hello: { limit: 5 } });
    expect(requests[0]).toMatchObject({
      method: "connect",
      params: {
        minProtocol: 4,
        maxProtocol: 4,
        client: { id: "cli", mode: "cli", version: "1.2.3", platform: process.platform },
        role: "operator",
        scopes: ["operator.admin", "operator.read", "operator.write"],
        auth: { token: "t" },
      },
    });
    expect(requests[0]?.params).not.toHaveProperty("device");
  });

  it("signs the challenge with the identity the machine's CLI keeps", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const pem = { type: "spki", format: "pem" } as const;
    mkdirSync(join(dir, "identity"));
    writeFileSync(
      join(dir, "identity", "device.json"),
      JSON.stringify({
        version: 1,
        publicKeyPem: publicKey.export(pem),
        privateKeyPem: privateKey.export({ type: "pkcs8", format: "pem" }),
      }),
    );
    const { ask, requests } = await serve(polite);
    await ask("cron.command.list", {});
    const device = requests[0]?.params["device"] as Record<string, string>;
    const raw = Buffer.from(device["publicKey"] ?? "", "base64url");
    expect(raw).toEqual(createPublicKey(publicKey.export(pem)).export({ type: "spki", format: "der" }).subarray(-32));
    expect(device).toMatchObject({
      id: createHash("sha256").update(raw).digest("hex"),
      nonce: CHALLENGE.nonce,
      signedAt: CHALLENGE.ts,
    });
    const signed = [
      "v3",
      device["id"],
      "cli",
      "cli",
      "operator",
      "operator.admin,operator.read,operator.write",
      CHALLENGE.ts,
      "t",
      CHALLENGE.nonce,
      process.platform,
      "",
    ];
    expect(
      verify(null, Buffer.from(signed.join("|")), publicKey, Buffer.from(device["signature"] ?? "", "base64url")),
    ).toBe(true);
  });

  it.each(["{", '{"version": 1}', '{"publicKeyPem": "x", "privateKeyPem": "y"}'])(
    "goes without an identity that cannot be used: %s",
    async (text) => {
      mkdirSync(join(dir, "identity"));
      writeFileSync(join(dir, "identity", "device.json"), text);
      const { ask, requests } = await serve(polite);
      await ask("cron.command.list", {});
      expect(requests[0]?.params).not.toHaveProperty("device");
    },
  );

  it("keeps the code and details of a refusal", async () => {
    const details = { code: "JOB_NOT_FOUND", jobId: "x" };
    const { ask } = await serve((request) =>
      request.method === "connect"
        ? { ok: true }
        : { ok: false, error: { code: "INVALID_REQUEST", message: "no such job", details } },
    );
    const error = await failure(ask("cron.command.get", {}));
    expect(error).toBeInstanceOf(GatewayCallError);
    expect(error).toMatchObject({ message: "no such job", code: "JOB_NOT_FOUND", details });
  });

  it("tells a refused connection, and asks nothing", async () => {
    const { ask, requests } = await serve(() => ({
      ok: false,
      error: { code: "UNAUTHORIZED", message: "token mismatch" },
    }));
    expect(await failure(ask("cron.command.get", {}))).toMatchObject({
      message: "token mismatch",
      code: "UNAUTHORIZED",
    });
    expect(requests.map(({ method }) => method)).toEqual(["connect"]);
  });

  it("comes back when the gateway is still starting", async () => {
    let starts = 0;
    const { ask } = await serve((request) => {
      if (request.method !== "connect") return { ok: true, payload: "done" };
      starts += 1;
      const details = { reason: "startup-sidecars", retryAfterMs: 10 };
      return starts < 3 ? { ok: false, error: { code: "UNAVAILABLE", message: "starting", details } } : { ok: true };
    });
    expect(await ask("cron.command.list", {})).toBe("done");
    expect(starts).toBe(3);
  });

  it("gives up on a gateway that never finishes starting", async () => {
    const details = { reason: "startup-sidecars", retryAfterMs: 1_500 };
    const { ask } = await serve(() => ({ ok: false, error: { code: "UNAVAILABLE", message: "starting", details } }));
    expect(await failure(ask("cron.command.list", {}, 2_000))).toMatchObject({ message: "starting" });
  });

  it("says when the gateway does not answer in time", async () => {
    const { ask, url } = await serve(() => "silence");
    const error = await failure(ask("cron.command.list", {}, 100));
    expect(error).toBeInstanceOf(CommandCronError);
    expect(error.message).toContain(`no answer within 100 ms at ${url}.`);
  });

  it("says why the gateway hung up", async () => {
    const { ask } = await serve(() => "close");
    expect((await failure(ask("cron.command.list", {}))).message).toContain("Got no thanks at ws://127.0.0.1:");
  });

  it("says when nothing listens, without repeating what is secret in an address", async () => {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const call = createGatewayCall({ OPENCLAW_STATE_DIR: dir }, "1.2.3");
    const error = await failure(
      call("cron.command.list", {}, { url: `ws://127.0.0.1:${port}/?token=hunter2`, timeoutMs: 5_000 }),
    );
    expect(error).toMatchObject({ code: "GATEWAY_UNREACHABLE" });
    expect(error.message).toContain(`nothing listens at ws://127.0.0.1:${port}.`);
    expect(error.message).not.toContain("hunter2");
    const nonsense = await failure(call("cron.command.list", {}, { url: "not a url", timeoutMs: 5_000 }));
    expect(nonsense.message).toContain("it cannot be addressed at an address that is no URL.");
  });
});
