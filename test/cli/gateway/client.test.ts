import { createHash, createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { GatewayCallError } from "../../../src/cli/gateway/types.ts";
import { MAX_TIMER_MS } from "../../../src/kernel/clock.ts";
import { CommandCronError } from "../../../src/kernel/errors.ts";
import { afterTest } from "../../helpers/after-test.ts";
import { CHALLENGE, failure, openMachine, polite } from "./machine.ts";

let machine: ReturnType<typeof openMachine>;
beforeEach(() => {
  machine = openMachine();
});

describe("the bin's gateway client", () => {
  it("answers the challenge, says who it is, and brings one answer back", async () => {
    const { ask, requests } = await machine.serve(polite);
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
    mkdirSync(join(machine.dir, "identity"));
    writeFileSync(
      join(machine.dir, "identity", "device.json"),
      JSON.stringify({
        version: 1,
        publicKeyPem: publicKey.export(pem),
        privateKeyPem: privateKey.export({ type: "pkcs8", format: "pem" }),
      }),
    );
    const { ask, requests } = await machine.serve(polite);
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
      mkdirSync(join(machine.dir, "identity"));
      writeFileSync(join(machine.dir, "identity", "device.json"), text);
      const { ask, requests } = await machine.serve(polite);
      await ask("cron.command.list", {});
      expect(requests[0]?.params).not.toHaveProperty("device");
    },
  );

  it("keeps the code and details of a refusal", async () => {
    const details = { code: "JOB_NOT_FOUND", jobId: "x" };
    const { ask } = await machine.serve((request) =>
      request.method === "connect"
        ? { ok: true }
        : { ok: false, error: { code: "INVALID_REQUEST", message: "no such job", details } },
    );
    const error = await failure(ask("cron.command.get", {}));
    expect(error).toBeInstanceOf(GatewayCallError);
    expect(error).toMatchObject({ message: "no such job", code: "JOB_NOT_FOUND", details });
  });

  it("tells a refused connection, and asks nothing", async () => {
    const { ask, requests } = await machine.serve(() => ({
      ok: false,
      error: { code: "UNAUTHORIZED", message: "token mismatch" },
    }));
    expect(await failure(ask("cron.command.get", {}))).toMatchObject({
      message: "token mismatch (asked with the secret of the command line)",
      code: "UNAUTHORIZED",
    });
    expect(requests.map(({ method }) => method)).toEqual(["connect"]);
  });

  it("comes back when the gateway is still starting", async () => {
    let starts = 0;
    const { ask } = await machine.serve((request) => {
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
    const { ask } = await machine.serve(() => ({
      ok: false,
      error: { code: "UNAVAILABLE", message: "starting", details },
    }));
    expect(await failure(ask("cron.command.list", {}, 2_000))).toMatchObject({ message: "starting" });
  });

  it("says when the gateway does not answer in time", async () => {
    const { ask, url } = await machine.serve(() => "silence");
    const error = await failure(ask("cron.command.list", {}, 100));
    expect(error).toBeInstanceOf(CommandCronError);
    expect(error.message).toContain(`no answer within 100 ms at ${url} (--url).`);
  });

  it("waits for an answer also when it may wait longer than a timer can", async () => {
    const { ask } = await machine.serve(() => ({ ok: true, payload: { jobs: [] } }));
    expect(await ask("cron.command.list", {}, MAX_TIMER_MS + 1)).toEqual({ jobs: [] });
  });

  it("does not wait for one that stands still to take its leave", async () => {
    const left = Promise.withResolvers<void>();
    const server = createHttpServer();
    server.on("upgrade", ({ headers }, socket) => {
      const key = createHash("sha1").update(`${headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key.digest("base64")}\r\n\r\n`,
      );
      // What is asked is read and never answered.
      socket
        .on("data", () => {})
        .once("end", () => {
          socket.end();
          left.resolve();
        });
    });
    await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
    afterTest(() => new Promise((done) => server.close(done)));
    const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const error = await failure(machine.here()("cron.command.list", {}, { url, token: "t", timeoutMs: 100 }));
    expect(error.message).toContain("no answer within 100 ms");
    await left.promise;
  }, 15_000);

  it("says why the gateway hung up", async () => {
    const { ask } = await machine.serve(() => "close");
    expect((await failure(ask("cron.command.list", {}))).message).toContain("Got no thanks at ws://127.0.0.1:");
  });

  it("says when nothing listens, without repeating what is secret in an address", async () => {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const call = machine.here();
    const error = await failure(
      call("cron.command.list", {}, { url: `ws://127.0.0.1:${port}/?token=hunter2`, token: "t", timeoutMs: 5_000 }),
    );
    expect(error).toMatchObject({ code: "GATEWAY_UNREACHABLE" });
    expect(error.message).toContain(`nothing listens at ws://127.0.0.1:${port} (--url).`);
    expect(error.message).not.toContain("hunter2");
    const nonsense = await failure(call("cron.command.list", {}, { url: "not a url", token: "t", timeoutMs: 5_000 }));
    expect(nonsense.message).toContain("no way to ask at an address that is no URL (--url).");
  });

  it.each(["no JSON", "null", '"text"', '{"type": "event", "event": "connect.challenge"}'])(
    "says that what answers %s is no gateway",
    async (words) => {
      const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
      server.on("connection", (socket) => socket.send(words));
      await new Promise((resolve) => server.once("listening", resolve));
      afterTest(() => new Promise((resolve) => server.close(resolve)));
      const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const error = await failure(machine.here()("cron.command.list", {}, { url, token: "t", timeoutMs: 5_000 }));
      expect(error).toMatchObject({ code: "GATEWAY_UNREACHABLE" });
      expect(error.message).toContain(`Got a server that is no gateway answers at ${url} (--url).`);
    },
  );

  it("tells apart why there is no connection", async () => {
    let status = 401;
    const proxy = createHttpServer((_request, response) => response.writeHead(status).end());
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    afterTest(() => new Promise((resolve) => proxy.close(resolve)));
    const { port } = proxy.address() as AddressInfo;
    const why = async (url: string) =>
      (await failure(machine.here()("cron.command.list", {}, { url, token: "t", timeoutMs: 20_000 }))).message;
    expect(await why(`ws://127.0.0.1:${port}`)).toContain(
      "what answers wants to be signed in to itself, as a proxy before the gateway may (HTTP status 401), at",
    );
    status = 502;
    expect(await why(`ws://127.0.0.1:${port}`)).toContain(
      "a server that is no gateway answers with HTTP status 502 at",
    );
    expect(await why(`wss://127.0.0.1:${port}`)).toMatch(/Got no secure connection \(\w+\) at wss:/);
    expect(await why("ws://no-such-host.invalid")).toMatch(/Got no host of this name \(\w+\) at ws:/);
  });
});
