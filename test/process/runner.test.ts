import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readLog } from "../../src/executor/index.ts";
import type { CommandSpec } from "../../src/executor/types.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import { encodeFrame } from "../../src/runner/frames.ts";
import { type RunnerInfo, readInfo } from "../../src/runner/info.ts";
import { instancesDir, resultsDir, runnerDir, tokenFile } from "../../src/runner/paths.ts";
import { specOf, textOf } from "../helpers/commands.ts";
import { isAlive, processesIn } from "../helpers/processes.ts";
import { type HeardClient, openClient, playGateway, stateDirectory } from "../helpers/runner.ts";
import { bundleRunner } from "../helpers/runner-program.ts";
import { waitFor } from "../helpers/wait-for.ts";

let program: Awaited<ReturnType<typeof bundleRunner>>;
let state: ReturnType<typeof stateDirectory>;
const clients: HeardClient[] = [];

beforeAll(async () => {
  program = await bundleRunner();
});
afterAll(() => program.remove());
beforeEach(() => {
  state = stateDirectory();
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.port.close();
  state.remove();
});

const open = async (
  options: Parameters<typeof openClient>[0] | object = {},
  acknowledge = true,
): Promise<HeardClient> => {
  const client = await openClient({ stateDir: state.path, runnerFile: program.file, ...options }, acknowledge);
  clients.push(client);
  return client;
};
const spec = (command: string | string[], more: Partial<CommandSpec> = {}): CommandSpec =>
  specOf(state.path, command, more);
const instances = (): RunnerInfo[] =>
  existsSync(instancesDir(state.path))
    ? readdirSync(instancesDir(state.path)).flatMap((name) => readInfo(state.path, name) ?? [])
    : [];
/** A runner whose gateway was killed: it waits for the next one. */
async function orphanedRunner(): Promise<RunnerInfo> {
  const gateway = playGateway(state.path, program.file);
  await gateway.hears("open");
  gateway.process.kill("SIGKILL");
  await once(gateway.process, "exit");
  const [info] = instances();
  if (info === undefined) throw new Error("no runner");
  return info;
}
const runnerPid = (client: HeardClient): number => client.port.status().pid ?? 0;
const lines = (count: number): string => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join("");
const slowly = (count: number): string =>
  `i=0; while [ $i -lt ${count} ]; do i=$((i+1)); echo line $i; sleep 0.1; done`;

describe("the runner", () => {
  it("runs commands and tells of their start and end", async () => {
    const client = await open();
    const one = spec("echo hello; echo oops >&2; exit 3", { input: "x" });
    const result = await client.run(one);
    expect(result).toMatchObject({ outcome: "exited", exitCode: 3 });
    expect(textOf(result)).toBe("hello\n");
    expect(client.started.get(one.attemptKey)).toEqual(result.identity);
    expect(client.port.status()).toMatchObject({ state: "connected", running: 0, draining: 0 });
  });

  it("starts nothing for a key it has had, also after the acknowledgement", async () => {
    const client = await open();
    const marks = join(state.path, "marks");
    const one = spec(`echo mark >> ${marks}; sleep 0.2`);
    client.port.start(one);
    client.port.start(one);
    await client.resultOf(one.attemptKey);
    client.port.start(one);
    await client.run(spec("sleep 0.3"));
    expect(readFileSync(marks, "utf8")).toBe("mark\n");
    expect(client.results.filter((result) => result.attemptKey === one.attemptKey)).toHaveLength(1);
  });

  it("ends a command on request, and does not know others", async () => {
    const client = await open();
    const one = spec("sleep 60 & sleep 60");
    client.port.start(one);
    await waitFor(() => client.started.has(one.attemptKey), { everyMs: 5 });
    expect(await client.port.cancel(one.attemptKey, "an operator")).toBe(true);
    expect(isAlive(client.started.get(one.attemptKey)?.pid ?? 0)).toBe(false);
    expect(await client.resultOf(one.attemptKey)).toMatchObject({ outcome: "canceled", canceledBy: "an operator" });
    expect(await client.port.cancel("never.1", "an operator")).toBe(false);
  });

  it("is small and sleeps when it has nothing to do, also after work", async () => {
    const client = await open();
    const work = Array.from({ length: 100 }, () => client.run(spec("echo x")));
    await Promise.all([...work, client.run(spec("yes | head -c 50000000"))]);
    await sleep(2_500);
    const pid = runnerPid(client);
    expect(client.port.status().rssBytes).toBeLessThan(60 * 1_048_576 * 1.1);
    const wakeups = (): number =>
      Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
    const before = wakeups();
    await sleep(1_500);
    expect(wakeups() - before).toBeLessThan(5);
  });

  it("carries no secret of the gateway in its environment", async () => {
    const gateway = playGateway(state.path, program.file);
    await gateway.hears("open");
    const pid = instances()[0]?.identity.pid;
    const environ = readFileSync(`/proc/${pid}/environ`, "utf8");
    expect(environ).toContain("PATH=");
    expect(environ).not.toContain("canary-7431");
    gateway.process.kill("SIGKILL");
    await once(gateway.process, "exit");
  });

  it("needs none of the plugin's files once it runs, not even to be started again", async () => {
    const copy = join(state.path, "plugin-copy.js");
    writeFileSync(copy, readFileSync(program.file));
    const client = await open({ runnerFile: copy });
    rmSync(copy);
    expect(await client.run(spec("true"))).toMatchObject({ outcome: "exited" });
    process.kill(runnerPid(client), "SIGKILL");
    await waitFor(() => client.notices.length > 0);
    expect(await client.run(spec("true"))).toMatchObject({ outcome: "exited" });
  });
});

describe("without a gateway, the runner", () => {
  it("goes on with its commands; the next gateway gets their results, all lines in order, once", async () => {
    const one = spec(slowly(15));
    const gateway = playGateway(state.path, program.file, [one]);
    await gateway.hears("started");
    gateway.process.kill("SIGKILL");
    await once(gateway.process, "exit");
    const client = await open();
    expect(client.known.running.map((entry) => entry.attemptKey)).toEqual([one.attemptKey]);
    expect(client.known.running[0]?.identity?.pid).toBeGreaterThan(1);
    const result = await client.resultOf(one.attemptKey);
    expect(result).toMatchObject({ outcome: "exited", exitCode: 0 });
    expect(textOf(result)).toBe(lines(15));
    const log = await readLog(one.logDir, { offset: 0, limit: 10_000 });
    expect(Buffer.concat(log.chunks.map((chunk) => Buffer.from(chunk.dataBase64, "base64"))).toString()).toBe(
      lines(15),
    );
    await sleep(200);
    expect(client.results).toHaveLength(1);
  });

  it("keeps results on disk, private, until they are acknowledged, even beyond its own death", async () => {
    const one = spec("echo kept; sleep 0.3");
    const gateway = playGateway(state.path, program.file, [one]);
    await gateway.hears("started");
    gateway.process.kill("SIGKILL");
    await waitFor(
      () =>
        existsSync(resultsDir(state.path)) &&
        readdirSync(resultsDir(state.path)).some((name) => name.endsWith(".json")),
    );
    const [name = ""] = readdirSync(resultsDir(state.path));
    expect(statSync(join(resultsDir(state.path), name)).mode & 0o777).toBe(0o600);
    for (const info of instances()) process.kill(info.identity.pid, "SIGKILL");
    const first = await open({}, false);
    expect(first.known.ended).toEqual([one.attemptKey]);
    expect(textOf(await first.resultOf(one.attemptKey))).toBe("kept\n");
    await first.port.close();
    const second = await open();
    expect(textOf(await second.resultOf(one.attemptKey))).toBe("kept\n");
    await waitFor(() => readdirSync(resultsDir(state.path)).length === 0);
    await second.port.close();
    expect((await open()).known.ended).toEqual([]);
  });

  it("enforces limits, ends what shall not outlive the gateway, and lets the others go on", async () => {
    const limited = spec("sleep 60", { timeoutMs: 1_500 });
    const stopped = spec("sleep 60", { onGatewayExit: "stop" });
    const going = spec(slowly(30));
    const gateway = playGateway(state.path, program.file, [limited, stopped, going]);
    await waitFor(() => gateway.heard.filter((one) => one.event === "started").length === 3);
    gateway.process.kill("SIGKILL");
    await once(gateway.process, "exit");
    await sleep(2_000);
    const client = await open();
    expect(client.known.running.map((entry) => entry.attemptKey)).toEqual([going.attemptKey]);
    expect(await client.resultOf(limited.attemptKey)).toMatchObject({ outcome: "timed_out" });
    expect(await client.resultOf(stopped.attemptKey)).toMatchObject({ outcome: "canceled" });
    expect(textOf(await client.resultOf(going.attemptKey))).toBe(lines(30));
  });

  it("waits a while for the next one, then ends by itself, leaving no socket, pipe or control group", async () => {
    const gateway = playGateway(state.path, program.file, [spec("echo x")], 700);
    await gateway.hears("ended");
    const [info] = instances();
    gateway.process.kill("SIGKILL");
    await sleep(300);
    expect(isAlive(info?.identity.pid ?? 0)).toBe(true);
    await waitFor(() => !isAlive(info?.identity.pid ?? 0));
    expect(existsSync(info?.socketPath ?? "")).toBe(false);
    expect(readdirSync(instancesDir(state.path))).toEqual([]);
    if (info?.cgroupDir !== undefined) expect(existsSync(info.cgroupDir)).toBe(false);
    expect(processesIn(state.path)).toEqual([]);
  });

  it("stays while a command runs, however idle it looks", async () => {
    const client = await open({ idleMs: 100 });
    client.port.start(spec("sleep 1.5"));
    await waitFor(() => client.started.size === 1);
    const pid = runnerPid(client);
    await client.port.close();
    await sleep(700);
    expect(isAlive(pid)).toBe(true);
    await waitFor(() => !isAlive(pid));
  });
});

describe("when the runner is killed", () => {
  it("its trees are ended, its runs are told lost at once, and the next command runs in a new one", async () => {
    const client = await open();
    const trees = [
      spec("sleep 300 & sleep 300"),
      spec("setsid sleep 300 & sleep 300"),
      spec("trap '' TERM; sleep 300; sleep 300"),
    ];
    for (const one of trees) client.port.start(one);
    await waitFor(() => client.started.size === 3);
    await sleep(200);
    const killedAt = performance.now();
    process.kill(runnerPid(client), "SIGKILL");
    await waitFor(() => client.lost.length > 0, { everyMs: 10 });
    expect(performance.now() - killedAt).toBeLessThan(5_000);
    expect(client.lost.flatMap((one) => one.keys).sort()).toEqual(trees.map((one) => one.attemptKey).sort());
    expect(processesIn(state.path).filter(({ command }) => command.includes("sleep"))).toEqual([]);
    expect(client.notices.join()).toContain("RUNNER_UNAVAILABLE");
    expect(await client.run(spec("echo again"))).toMatchObject({ outcome: "exited" });
  });

  it("together with the gateway, its trees are ended by recorded identity and cookie", async () => {
    const one = spec("setsid sleep 300 & sleep 300");
    const gateway = playGateway(state.path, program.file, [one]);
    await gateway.hears("started");
    await sleep(300);
    // Without its control group, which would end the tree already when the next gateway opens.
    const [info] = instances();
    const { pid = 0 } = processesIn(state.path).find(({ command }) => command.startsWith("sh -c setsid")) ?? {};
    const identity = { pid, startTime: statField(pid), bootId: info?.identity.bootId ?? "" };
    if (info !== undefined) {
      const { cgroupDir: _, ...bare } = info;
      writeFileSync(join(instancesDir(state.path), info.instance, "info.json"), JSON.stringify(bare));
    }
    process.kill(info?.identity.pid ?? 0, "SIGKILL");
    gateway.process.kill("SIGKILL");
    await once(gateway.process, "exit");
    const client = await open();
    expect(client.known).toMatchObject({ running: [], ended: [] });
    const left = (): unknown[] => processesIn(state.path).filter(({ command }) => command.includes("sleep 300"));
    expect(left()).not.toEqual([]);
    expect(await client.port.reap([{ attemptKey: one.attemptKey, identity }])).toEqual({ found: 3, left: 0 });
    expect(left()).toEqual([]);
  });

  it("again and again, new ones are started more slowly", async () => {
    const client = await open();
    const deadline = performance.now() + 2_500;
    const pids = new Set<number>();
    while (performance.now() < deadline) {
      const { pid } = client.port.status();
      if (pid !== undefined && !pids.has(pid)) {
        pids.add(pid);
        process.kill(pid, "SIGKILL");
      }
      await sleep(10);
    }
    expect(pids.size).toBeGreaterThan(1);
    expect(pids.size).toBeLessThan(5);
  });
});

describe("told to end by the system, the runner", () => {
  it("ends its commands properly and reports them", async () => {
    const client = await open();
    const one = spec("trap 'echo tidied; exit 0' TERM; sleep 60 & wait");
    client.port.start(one);
    await waitFor(() => client.started.size === 1);
    await sleep(100);
    const pid = runnerPid(client);
    process.kill(pid, "SIGTERM");
    const result = await client.resultOf(one.attemptKey);
    expect(result).toMatchObject({ outcome: "canceled", canceledBy: "the runner's SIGTERM" });
    expect(textOf(result)).toBe("tidied\n");
    await waitFor(() => !isAlive(pid));
    expect(client.lost).toEqual([]);
  });

  it("keeps their results on disk when no gateway is there", async () => {
    const one = spec("sleep 60");
    const gateway = playGateway(state.path, program.file, [one]);
    await gateway.hears("started");
    gateway.process.kill("SIGKILL");
    await once(gateway.process, "exit");
    const [info] = instances();
    process.kill(info?.identity.pid ?? 0, "SIGTERM");
    await waitFor(() => !isAlive(info?.identity.pid ?? 0));
    expect(instances()).toEqual([]);
    const client = await open();
    expect(await client.resultOf(one.attemptKey)).toMatchObject({ outcome: "canceled" });
  });
});

describe("ownership", () => {
  it("refuses a second gateway with a clear error, and leaves the first alone", async () => {
    const gateway = playGateway(state.path, program.file, [spec(slowly(10))]);
    await gateway.hears("started");
    await expect(open()).rejects.toMatchObject({ code: "STATE_OWNED" });
    const second = playGateway(state.path, program.file);
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
});

describe("peers that are not the owner", () => {
  /** Sends the bytes and answers what came back until the other side hung up. */
  const talk = (info: RunnerInfo, bytes: Buffer[]): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(info.socketPath, () => {
        for (const chunk of bytes) socket.write(chunk);
      });
      let heard = "";
      const timer = setTimeout(() => reject(new Error("nobody hung up")), 8_000);
      socket.on("data", (chunk) => {
        heard += chunk.toString();
      });
      socket.on("error", () => {});
      socket.once("close", () => {
        clearTimeout(timer);
        resolve(heard);
      });
    });
  const hello = (token: string, protocol = 1): Buffer =>
    encodeFrame({ n: 1, m: { type: "hello", protocol, token, owner: "stranger" } });
  const token = (): string => readFileSync(tokenFile(state.path), "utf8").trim();

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
    const marks = join(state.path, "marks");
    const start = encodeFrame({ n: 2, m: { type: "start", spec: spec(`echo mark >> ${marks}`) } });
    await talk(info, [hello(token()), start, start]);
    await waitFor(() => existsSync(marks));
    await sleep(200);
    expect(readFileSync(marks, "utf8")).toBe("mark\n");
    expect(statSync(tokenFile(state.path)).mode & 0o777).toBe(0o600);
  });

  it("of another protocol version are told so", async () => {
    await open();
    const [info] = instances();
    if (info === undefined) throw new Error("no runner");
    expect(await talk(info, [hello(token(), 99)])).toContain("RUNNER_PROTOCOL");
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
    const old = spec(slowly(15));
    first.port.start(old);
    await waitFor(() => first.started.size === 1);
    const oldPid = runnerPid(first);
    await first.port.close();
    const newer = await bundleRunner("/* a newer version */");
    const second = await open({ runnerFile: newer.file });
    expect(second.known.running.map((entry) => entry.attemptKey)).toEqual([old.attemptKey]);
    expect(runnerPid(second)).not.toBe(oldPid);
    expect(second.port.status()).toMatchObject({ draining: 1 });
    expect(await second.run(spec("true"))).toMatchObject({ outcome: "exited" });
    expect(textOf(await second.resultOf(old.attemptKey))).toBe(lines(15));
    await waitFor(() => !isAlive(oldPid));
    await waitFor(() => second.port.status().draining === 0);
    expect(second.lost).toEqual([]);
    expect(second.notices).toEqual([]);
    newer.remove();
  });
});

describe("places", () => {
  it("of a socket path longer than the system allows is a private directory of the temporary one", async () => {
    const deep = join(state.path, "a-very-long-directory-name".repeat(4), "and-another-one".repeat(4));
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

  it("are private to the user", async () => {
    await open();
    for (const path of [state.path, runnerDir(state.path), instancesDir(state.path)]) {
      expect(statSync(path).mode & 0o077, path).toBe(0);
    }
  });
});

describe("a full disk", () => {
  it("cuts the log and says so; the command is not held up", async ({ skip }) => {
    const small = join(state.path, "small");
    mkdirSync(small);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", small], { stdio: "ignore" });
    } catch {
      skip("no small file system can be mounted here");
    }
    try {
      const client = await open();
      const result = await client.run(spec("yes | head -c 20000000; echo done >&2", { logDir: join(small, "log") }));
      expect(result).toMatchObject({ outcome: "exited", exitCode: 0 });
      expect(result.stdout.bytes).toBe(20_000_000);
      expect(textOf(result, "stderr")).toBe("done\n");
      expect(result.log.cut).toContain("ENOSPC");
      expect(result.log.droppedBytes).toBeGreaterThan(18_000_000);
    } finally {
      execFileSync("umount", ["-l", small]);
    }
  });
});

function statField(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(") ") + 2).split(" ")[19] ?? "";
}
