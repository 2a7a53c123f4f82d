import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { startTestEngine } from "../helpers/engine.ts";

const BIN = resolve(import.meta.dirname, "../../src/bin.ts");

interface Result {
  code: number;
  stdout: string;
  stderr: string;
  tookMs: number;
}

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "cc-bin-"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const environment = () => ({
  PATH: process.env["PATH"] ?? "",
  HOME: dir,
  OPENCLAW_STATE_DIR: join(dir, "state"),
});

/** Runs a program of this Node with no environment but ours. */
function node(args: string[], env: Record<string, string> = {}): Promise<Result> {
  const startedMs = performance.now();
  return new Promise((done) => {
    const options = {
      env: { ...environment(), ...env },
    };
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      const code = typeof error?.code === "number" ? error.code : error === null ? 0 : -1;
      done({ code, stdout, stderr, tookMs: performance.now() - startedMs });
    });
  });
}
const bin = (args: string[], env?: Record<string, string>) => node([BIN, ...args], env);

async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return String(port);
}

/** Lets everyone in and answers every method. */
async function fakeGateway(answer: (method: string, params: unknown) => unknown) {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await new Promise((listening) => server.once("listening", listening));
  server.on("connection", (socket) => {
    socket.send(JSON.stringify({ type: "event", event: "connect.challenge", payload: { nonce: "n", ts: 1 } }));
    socket.on("message", (data) => {
      const { id, method, params } = JSON.parse(String(data));
      const payload = method === "connect" ? { token: params.auth.token } : answer(method, params);
      socket.send(JSON.stringify({ type: "res", id, ok: true, payload }));
    });
  });
  return { server, port: String((server.address() as AddressInfo).port) };
}

/** The exit code of a command whose readers have left before it wrote anything. */
function unread(left: ("stdout" | "stderr")[], args: string[]): Promise<number | null> {
  const child = spawn(process.execPath, [BIN, ...args], { env: environment(), stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) stream.resume();
  for (const name of left) child[name].destroy();
  return new Promise((done) => child.once("exit", done));
}

describe("the bin", () => {
  it("tells the version of its package", async () => {
    const { version } = JSON.parse(readFileSync(resolve(import.meta.dirname, "../../package.json"), "utf8"));
    expect(await bin(["--version"])).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  it("starts in a small multiple of what Node itself needs", async () => {
    const bare = await node(["-e", ""]);
    const help = await bin(["--help"]);
    expect(help.code).toBe(0);
    // From the sources, with their types stripped on the way; the built one is several times faster.
    expect(help.tookMs).toBeLessThan(bare.tookMs * 20 + 1_000);
  });

  it("ends with 2 on a command line that cannot be read, and names the reason on stderr", async () => {
    const { code, stdout, stderr } = await bin([
      "create",
      "* * * * *",
      "--name",
      "x",
      "--command",
      "a",
      "--command-argv",
      '["a"]',
    ]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^error: --command, --command-argv: /);
  });

  it("ends with 1 when no gateway answers", async () => {
    const { code, stderr } = await bin(["list", "--port", await closedPort()]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: the gateway does not answer\. Got nothing listens at ws:\/\/127\.0\.0\.1:\d+ \(--port\)\./,
    );
  });

  it("asks the gateway of the configuration file and prints its answer", async () => {
    const { server, port } = await fakeGateway((method, params) => ({ method, params }));
    const config = join(dir, "claw.json");
    writeFileSync(config, `{gateway: {port: ${port}, auth: {token: 't'}}}`);
    const { code, stdout } = await bin(["get", "Disk"], { OPENCLAW_CONFIG_PATH: config });
    server.close();
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ method: "cron.command.get", params: { id: "Disk" } });
  });

  it("keeps its exit code when its readers have left", async () => {
    const status = ["status", "--json", "--port", await closedPort()];
    expect(await unread(["stdout"], status)).toBe(1);
    expect(await unread(["stdout", "stderr"], ["runs", "--since", "someday", "--json"])).toBe(2);
    const { server, port } = await fakeGateway(() => ({ problems: ["a page is torn"] }));
    expect(await unread(["stdout"], ["check", "--port", port, "--token", "t"])).toBe(1);
    server.close();
  });

  it("stops following with 0 when its reader leaves, and goes on when only its remarks have none", async () => {
    const chunk = { seq: 0, atMs: 1, stream: "stdout", dataBase64: "YQo=" };
    const page = { runId: "r", attempt: 1, chunks: [chunk], nextOffset: 2, endOffset: 2, droppedBytes: 1 };
    let looks = 0;
    const { server, port } = await fakeGateway(() => {
      looks += 1;
      return { ...page, running: looks < 3 };
    });
    const follow = ["logs", "Disk", "-f", "--port", port, "--token", "t"];
    expect(await unread(["stdout"], follow)).toBe(0);
    expect(looks).toBe(1);
    expect(await unread(["stderr"], follow)).toBe(0);
    expect(looks).toBe(3);
    server.close();
  });

  it("restores a real backup in place of a real ledger, and not under a running gateway", async () => {
    const stateDir = join(dir, "state", "command-cron");
    const before = await startTestEngine({ deps: { stateDir } });
    const id = await before.add({ name: "kept" });
    const { file } = await before.engine.backup();
    await before.engine.removeJob(id, { label: "test" });

    const owned = await bin(["restore", file]);
    expect(owned.code).toBe(1);
    expect(owned.stderr).toContain("another gateway owns this state directory");

    await before.stop();
    const { code, stdout, stderr } = await bin(["restore", file, "--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { restored, replaced } = JSON.parse(stdout);
    expect(existsSync(replaced)).toBe(true);
    expect(statSync(restored).mode & 0o777).toBe(0o600);

    const after = await startTestEngine({ deps: { stateDir } });
    expect(after.engine.getJob(id).name).toBe("kept");
    await after.stop();
  });

  it("reads standard input to its end, however slow it comes", async () => {
    const seen: unknown[] = [];
    const { server, port } = await fakeGateway((_method, params) => {
      seen.push((params as { file: unknown }).file);
      return { plan: [], applied: false };
    });
    const args = ["import", "-", "--format", "crontab", "--port", port, "--token", "t"];
    const child = spawn(process.execPath, [BIN, ...args], { env: environment(), stdio: ["pipe", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) stream.resume();
    // Long after the program has begun to read.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    child.stdin.write("0 5 * * * /bin/slow\n");
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.stdin.end("0 6 * * * /bin/slower\n");
    expect(await new Promise((done) => child.once("exit", done))).toBe(0);
    expect(seen).toEqual(["0 5 * * * /bin/slow\n0 6 * * * /bin/slower\n"]);
    server.close();
  });

  it("says which file it cannot use", async () => {
    const file = join(dir, "text");
    writeFileSync(file, "not a database");
    expect(await bin(["restore", file], { OPENCLAW_STATE_DIR: join(dir, "other") })).toMatchObject({
      code: 1,
      stdout: "",
    });
    const missing = await bin(["import", join(dir, "nothing.json")]);
    expect(missing).toMatchObject({ code: 1 });
    expect(missing.stderr).toContain("Got ENOENT.");
  });
});
