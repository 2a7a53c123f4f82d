import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type RunnerInfo, readInfo } from "../../src/runner/info.ts";
import { instancesDir, runnerDir, tokenFile } from "../../src/runner/paths.ts";
import { encodeFrame } from "../../src/runner/wire/frames.ts";
import { PROTOCOL } from "../../src/runner/wire/index.ts";
import { isAlive } from "../helpers/processes.ts";
import { waitFor } from "../helpers/wait-for.ts";
import { runnerPid, useRunner } from "./runner-bench.ts";

const bench = useRunner();
const { instances, open, orphanedRunner, spec } = bench;

describe("peers that are not the owner", () => {
  /** Sends the bytes and answers what came back until the other side hung up. */
  const talk = (info: RunnerInfo, bytes: Buffer[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(info.socketPath, () => {
        for (const chunk of bytes) socket.write(chunk);
      });
      let heard = "";
      const timer = setTimeout(() => reject(new Error("nobody hung up")), 60_000);
      socket.on("data", (chunk) => {
        heard += chunk.toString();
      });
      socket.on("error", () => {});
      socket.once("close", () => {
        clearTimeout(timer);
        resolve(heard);
      });
    });
  const hello = (token: string, protocol = PROTOCOL): Buffer =>
    encodeFrame({ n: 1, m: { type: "hello", protocol, token, owner: "stranger" } });
  const token = (): string => readFileSync(tokenFile(bench.stateDir), "utf8").trim();

  it("are cut off: without the secret, with too much, with rubbish, with nothing; the runner lives on", async () => {
    const client = await open();
    const [info] = instances();
    if (info === undefined) throw new Error("no runner");
    const huge = Buffer.alloc(4);
    huge.writeUInt32BE(0x7fff_ffff);
    await talk(info, [hello("wrong")]);
    await talk(info, [hello("")]);
    await talk(info, [huge]);
    await talk(info, [Buffer.from("GET / HTTP/1.1\r\n\r\n")]);
    await talk(info, [encodeFrame({ n: 1, m: { type: "start", spec: spec("touch /tmp/never") } })]);
    await talk(info, [encodeFrame({ n: 1, m: null })]);
    await talk(info, [encodeFrame(null)]);
    await Promise.all(Array.from({ length: 30 }, () => talk(info, [Buffer.from([0, 0, 0, 9, 1])])));
    const pid = runnerPid(client);
    expect(await client.run(spec("echo fine"))).toMatchObject({ outcome: "exited" });
    expect(runnerPid(client)).toBe(pid);
    expect(client.lost).toEqual([]);
  });

  it("that repeat a message are cut off, even with the secret", async () => {
    const info = await orphanedRunner();
    const marks = join(bench.stateDir, "marks");
    const start = encodeFrame({ n: 2, m: { type: "start", spec: spec(`echo mark >> ${marks}`) } });
    await talk(info, [hello(token()), start, start]);
    await waitFor(() => existsSync(marks));
    await sleep(200);
    expect(readFileSync(marks, "utf8")).toBe("mark\n");
    expect(statSync(tokenFile(bench.stateDir)).mode & 0o777).toBe(0o600);
  });

  it("of another protocol version are told so", async () => {
    await open();
    const [info] = instances();
    if (info === undefined) throw new Error("no runner");
    expect(await talk(info, [hello(token(), 99)])).toContain("RUNNER_PROTOCOL");
  });
});

describe("places", () => {
  it("of a socket path longer than the system allows is a private directory of the temporary one", async () => {
    const deep = join(bench.stateDir, "a-very-long-directory-name".repeat(4), "and-another-one".repeat(4));
    mkdirSync(deep, { recursive: true, mode: 0o700 });
    const client = await open({ stateDir: deep });
    expect(await client.run(spec("echo x"))).toMatchObject({ outcome: "exited" });
    const [name = ""] = readdirSync(instancesDir(deep));
    const path = readInfo(deep, name)?.socketPath ?? "";
    expect(path.startsWith(deep)).toBe(false);
    expect(statSync(join(path, "..")).mode & 0o777).toBe(0o700);
    await client.port.close();
    await waitFor(() => !existsSync(path));
    rmSync(join(path, ".."), { recursive: true });
  });

  it("left by a runner that died are cleared", async () => {
    const dead = await orphanedRunner();
    process.kill(dead.identity.pid, "SIGKILL");
    await waitFor(() => !isAlive(dead.identity.pid));
    expect(existsSync(dead.socketPath)).toBe(true);
    const second = await open();
    expect(second.known.instance).not.toBe(dead.instance);
    expect(existsSync(dead.socketPath)).toBe(false);
    expect(instances()).toHaveLength(1);
  });

  it("may lie behind a symbolic link of this user, as when they were moved to a bigger disk", async () => {
    const real = join(bench.stateDir, "bigger-disk");
    const linked = join(bench.stateDir, "linked");
    mkdirSync(real, { mode: 0o755 });
    symlinkSync(real, linked);
    const client = await open({ stateDir: linked });
    expect(await client.run(spec("true"))).toMatchObject({ outcome: "exited", exitCode: 0 });
    expect(statSync(real).mode & 0o777).toBe(0o700);
  });

  it("are private to the user, the socket too", async () => {
    await open();
    expect(statSync(instances()[0]?.socketPath ?? "").mode & 0o777).toBe(0o600);
    for (const path of [bench.stateDir, runnerDir(bench.stateDir), instancesDir(bench.stateDir)]) {
      expect(statSync(path).mode & 0o077, path).toBe(0);
    }
  });
});
