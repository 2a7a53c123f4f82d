import { once } from "node:events";
import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { readLog } from "../../src/executor/index.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import { instancesDir, resultsDir } from "../../src/runner/paths.ts";
import { encodeFrame } from "../../src/runner/wire/frames.ts";
import { noCgroups } from "../helpers/cgroups.ts";
import { textOf } from "../helpers/commands.ts";
import { isAlive, processesIn } from "../helpers/processes.ts";
import { bundleRunner } from "../helpers/runner-program.ts";
import { waitFor } from "../helpers/wait-for.ts";
import { killed, lines, runnerPid, slowly, useRunner } from "./runner-bench.ts";

const bench = useRunner();
const { instances, open, orphanedRunner, play, spec } = bench;

/** Results on disk that nobody has acknowledged. */
const kept = (): number =>
  existsSync(resultsDir(bench.stateDir))
    ? readdirSync(resultsDir(bench.stateDir)).filter((name) => name.endsWith(".json")).length
    : 0;

describe("without a gateway, the runner", () => {
  it("goes on with its commands; the next gateway gets their results, all lines in order, once", async () => {
    const one = spec(slowly(40));
    const gateway = play([one]);
    await gateway.hears("started");
    await killed(gateway);
    const client = await open();
    expect(client.known.running.map((entry) => entry.attemptKey)).toEqual([one.attemptKey]);
    expect(client.known.running[0]?.identity?.pid).toBeGreaterThan(1);
    const result = await client.resultOf(one.attemptKey);
    expect(result).toMatchObject({ outcome: "exited", exitCode: 0 });
    expect(textOf(result)).toBe(lines(40));
    const log = await readLog(one.logDir, { offset: 0, limit: 10_000 });
    expect(Buffer.concat(log.chunks.map((chunk) => Buffer.from(chunk.dataBase64, "base64"))).toString()).toBe(
      lines(40),
    );
    await sleep(200);
    expect(client.results).toHaveLength(1);
  });

  it("tells the next gateway how far a command is, and the last of it with its end", async () => {
    const go = join(bench.stateDir, "go-on");
    const one = spec(
      `echo 3/6 >"$OPENCLAW_PROGRESS"; while [ ! -e ${go} ]; do sleep 0.1; done; echo 6/6 >"$OPENCLAW_PROGRESS"`,
    );
    const gateway = play([one]);
    await gateway.hears("progress");
    await killed(gateway);
    const client = await open();
    await waitFor(() => client.progress.length > 0);
    expect(client.progress).toEqual([[one.attemptKey, expect.objectContaining({ done: 3, total: 6, percent: 50 })]]);
    writeFileSync(go, "");
    expect(await client.resultOf(one.attemptKey)).toMatchObject({ progress: { done: 6 } });
  });

  it("keeps results on disk, private, until they are acknowledged, even beyond its own death", async () => {
    const one = spec("echo kept; sleep 0.3");
    const gateway = play([one]);
    await gateway.hears("started");
    gateway.process.kill("SIGKILL");
    await waitFor(() => kept() === 1);
    const [name = ""] = readdirSync(resultsDir(bench.stateDir));
    expect(statSync(join(resultsDir(bench.stateDir), name)).mode & 0o777).toBe(0o600);
    for (const info of instances()) process.kill(info.identity.pid, "SIGKILL");
    const first = await open({}, false);
    expect(first.known.ended).toEqual([one.attemptKey]);
    expect(textOf(await first.resultOf(one.attemptKey))).toBe("kept\n");
    await first.port.close();
    const second = await open();
    expect(textOf(await second.resultOf(one.attemptKey))).toBe("kept\n");
    await waitFor(() => readdirSync(resultsDir(bench.stateDir)).length === 0);
    await second.port.close();
    expect((await open()).known.ended).toEqual([]);
  });

  it("enforces limits, ends what shall not outlive the gateway, and lets the others go on", async () => {
    const limited = spec("sleep 60", { timeoutMs: 1_500 });
    const stopped = spec("sleep 60", { onGatewayExit: "stop" });
    const going = spec(`${slowly(30)}; while [ ! -e ${join(bench.stateDir, "go")} ]; do sleep 0.1; done`);
    const gateway = play([limited, stopped, going]);
    await waitFor(() => gateway.heard.filter((one) => one.event === "started").length === 3);
    await killed(gateway);
    await waitFor(() => kept() === 2);
    const client = await open();
    expect(client.known.running.map((entry) => entry.attemptKey)).toEqual([going.attemptKey]);
    expect(await client.resultOf(limited.attemptKey)).toMatchObject({ outcome: "timed_out" });
    expect(await client.resultOf(stopped.attemptKey)).toMatchObject({ outcome: "canceled" });
    writeFileSync(join(bench.stateDir, "go"), "");
    expect(textOf(await client.resultOf(going.attemptKey))).toBe(lines(30));
  });

  it("waits a while for the next one, then ends by itself, leaving no socket and no pipe", async () => {
    const gateway = play([spec("echo x")], 3_000);
    await gateway.hears("ended");
    const [info] = instances();
    gateway.process.kill("SIGKILL");
    await sleep(300);
    expect(isAlive(info?.identity.pid ?? 0)).toBe(true);
    await waitFor(() => !isAlive(info?.identity.pid ?? 0));
    expect(existsSync(info?.socketPath ?? "")).toBe(false);
    expect(readdirSync(instancesDir(bench.stateDir))).toEqual([]);
    expect(processesIn(bench.stateDir)).toEqual([]);
  });

  it.skipIf(noCgroups)("that ends leaves no control group (needs one)", async () => {
    const gateway = play([spec("echo x")], 1_000);
    await gateway.hears("ended");
    const [info] = instances();
    expect(existsSync(info?.cgroupDir ?? "none was used")).toBe(true);
    await killed(gateway);
    await waitFor(() => !isAlive(info?.identity.pid ?? 0));
    expect(existsSync(info?.cgroupDir ?? "")).toBe(false);
  });

  it("stays while a command runs, however idle it looks", async () => {
    const client = await open({ idleMs: 100 });
    client.port.start(spec("sleep 4"));
    await waitFor(() => client.started.size === 1);
    const pid = runnerPid(client);
    await client.port.close();
    await sleep(700);
    expect(isAlive(pid)).toBe(true);
    await waitFor(() => !isAlive(pid));
  });
});

describe("ownership", () => {
  it("refuses a second gateway with a clear error, and leaves the first alone", async () => {
    const gateway = play([spec(slowly(10))]);
    await gateway.hears("started");
    await expect(open()).rejects.toMatchObject({ code: "STATE_OWNED" });
    const second = play();
    expect(await second.hears("refused")).toBe("STATE_OWNED");
    await gateway.hears("ended");
    gateway.process.kill("SIGTERM");
    await once(gateway.process, "exit");
    await open();
  });

  it("passes on within the same process, as when a plugin is reloaded", async () => {
    const first = await open();
    const one = spec(slowly(10), { onGatewayExit: "stop" });
    first.port.start(one);
    await waitFor(() => first.started.size === 1);
    await first.port.close();
    const second = await open();
    expect(second.known.instance).toBe(first.known.instance);
    expect(textOf(await second.resultOf(one.attemptKey))).toBe(lines(10));
  });

  it("is given up although the runner does not answer, which hears the last words once it can", async () => {
    const first = await open({}, false);
    const result = await first.run(spec("echo x"));
    const pid = runnerPid(first);
    process.kill(pid, "SIGSTOP");
    first.port.acknowledge(result.attemptKey);
    await first.port.close();
    const second = await open();
    expect(runnerPid(second)).not.toBe(pid);
    process.kill(pid, "SIGCONT");
    // It acts on both: the result is forgotten, and one whose gateway has left does not wait for another.
    await waitFor(() => kept() === 0 && !isAlive(pid), { timeoutMs: 200_000 });
    expect(await second.run(spec("true"))).toMatchObject({ outcome: "exited" });
  });
});

describe("a runner of another protocol version", () => {
  it("is left to finish; the gateway uses one of its own", async () => {
    const info = await orphanedRunner();
    // In its place listens one that refuses the version.
    rmSync(info.socketPath);
    const server = createServer((socket) => {
      socket.on("error", () => {});
      const message = "this runner speaks version 99";
      socket.end(encodeFrame({ n: 1, m: { type: "refused", code: "RUNNER_PROTOCOL", message } }));
    });
    server.listen(info.socketPath);
    const warnings: string[] = [];
    const second = await open({ logger: { ...silentLogger, warn: (text: string) => warnings.push(text) } });
    expect(warnings.join()).toContain("version 99");
    expect(second.known.instance).not.toBe(info.instance);
    expect(isAlive(info.identity.pid)).toBe(true);
    expect(await second.run(spec("true"))).toMatchObject({ outcome: "exited" });
    server.close();
  });
});

describe("a newer version", () => {
  it("starts its own runner beside; the older one finishes, reports and ends", async () => {
    const first = await open();
    const old = spec(slowly(40));
    first.port.start(old);
    await waitFor(() => first.started.size === 1);
    const oldPid = runnerPid(first);
    await first.port.close();
    const newer = await bundleRunner("/* a newer version */");
    const second = await open({ runnerFile: newer.file });
    expect(second.known.running.map((entry) => entry.attemptKey)).toEqual([old.attemptKey]);
    expect(runnerPid(second)).not.toBe(oldPid);
    expect(second.port.status()).toMatchObject({ draining: 1 });
    // What is asked of nobody but the new one may be something the older one has never heard of.
    const check = { after: [0], argv: ["sh", "-c", "true"], timeoutMs: 60_000, attempts: 1, delayMs: 0 };
    const checked = await second.run(spec('echo 1 > "$OPENCLAW_STATE"', { verify: check, state: "{}" }));
    expect(checked).toMatchObject({ outcome: "exited", verify: { passed: true }, state: { content: "1\n" } });
    expect(isAlive(oldPid)).toBe(true);
    expect(textOf(await second.resultOf(old.attemptKey))).toBe(lines(40));
    await waitFor(() => !isAlive(oldPid));
    await waitFor(() => second.port.status().draining === 0);
    expect(second.lost).toEqual([]);
    newer.remove();
  });
});
