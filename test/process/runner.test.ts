import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { instancesDir, resultsDir } from "../../src/runner/paths.ts";
import { textOf } from "../helpers/commands.ts";
import { isAlive, processesIn } from "../helpers/processes.ts";
import { waitFor } from "../helpers/wait-for.ts";
import { killed, runnerPid, useRunner } from "./runner-bench.ts";

const bench = useRunner();
const { instances, open, play, spec } = bench;

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

  it("says that the process which starts its commands is gone, and why", async ({ skip }) => {
    if (process.platform !== "linux" || !existsSync("/usr/bin/perl")) skip("no starter here");
    const client = await open();
    const result = await client.run(spec("echo $PPID"));
    expect(client.port.status()).not.toHaveProperty("withoutStarter");
    process.kill(Number(textOf(result)), "SIGKILL");
    await waitFor(() => client.port.status().withoutStarter === "it was ended");
    expect(await client.run(spec("exit 4"))).toMatchObject({ exitCode: 4 });
  });

  it("starts nothing for a key it has had, also after the acknowledgement", async () => {
    const client = await open();
    const marks = join(bench.stateDir, "marks");
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

  it("does not take the CPU from the gateway when it wakes", async ({ skip }) => {
    if (!existsSync("/usr/bin/chrt")) skip("no chrt here");
    const client = await open();
    const stat = readFileSync(`/proc/${runnerPid(client)}/stat`, "utf8");
    const policy = stat.slice(stat.lastIndexOf(") ") + 2).split(" ")[38];
    expect(policy, "SCHED_BATCH").toBe("3");
  });

  it("carries no secret of the gateway in its environment", async () => {
    const gateway = play();
    await gateway.hears("open");
    const pid = instances()[0]?.identity.pid;
    const environ = readFileSync(`/proc/${pid}/environ`, "utf8");
    expect(environ).toContain("PATH=");
    expect(environ).not.toContain("canary-7431");
    await killed(gateway);
  });

  it("needs none of the plugin's files once it runs, not even to be started again", async () => {
    const copy = join(bench.stateDir, "plugin-copy.js");
    writeFileSync(copy, readFileSync(bench.programFile));
    const client = await open({ runnerFile: copy });
    rmSync(copy);
    expect(await client.run(spec("true"))).toMatchObject({ outcome: "exited" });
    process.kill(runnerPid(client), "SIGKILL");
    await waitFor(() => client.lost.length > 0);
    expect(await client.run(spec("true"))).toMatchObject({ outcome: "exited" });
  });
});

/** Programs that sleep for the tests below, the shells that started them left out. */
const sleeping = (): number =>
  processesIn(bench.stateDir).filter(({ command }) => command.startsWith("sleep 300")).length;

describe("when the runner is killed", () => {
  it("its trees are ended, its runs are told lost at once, and the next command runs in a new one", async () => {
    const client = await open();
    const trees = [
      spec("sleep 300 & sleep 300"),
      spec("setsid sleep 300 & sleep 300"),
      spec("trap '' TERM; sleep 300; sleep 300"),
    ];
    for (const one of trees) client.port.start(one);
    await waitFor(() => client.started.size === 3 && sleeping() === 5);
    const killedAt = performance.now();
    process.kill(runnerPid(client), "SIGKILL");
    await waitFor(() => client.lost.length > 0, { everyMs: 10 });
    expect(performance.now() - killedAt).toBeLessThan(30_000);
    const lost = client.lost.flatMap((one) => one.attempts);
    expect(lost.map((one) => one.attemptKey).sort()).toEqual(trees.map((one) => one.attemptKey).sort());
    expect(sleeping()).toBe(0);
    for (const { cleanup } of lost) expect(cleanup).toMatchObject({ left: [] });
    expect(lost.every(({ cleanup }) => (cleanup?.found ?? 0) >= 1)).toBe(true);
    expect(await client.run(spec("echo again"))).toMatchObject({ outcome: "exited" });
  });

  it("together with the gateway, its trees are ended by recorded identity and cookie", async () => {
    const one = spec("setsid sleep 300 & sleep 300");
    const gateway = play([one]);
    await gateway.hears("started");
    await waitFor(() => sleeping() === 2);
    // Without its control group, which would end the tree already when the next gateway opens.
    const [info] = instances();
    const { pid = 0 } = processesIn(bench.stateDir).find(({ command }) => command.startsWith("sh -c setsid")) ?? {};
    const identity = { pid, startTime: statField(pid), bootId: info?.identity.bootId ?? "" };
    if (info !== undefined) {
      const { cgroupDir: _, ...bare } = info;
      writeFileSync(join(instancesDir(bench.stateDir), info.instance, "info.json"), JSON.stringify(bare));
    }
    process.kill(info?.identity.pid ?? 0, "SIGKILL");
    await killed(gateway);
    const client = await open();
    expect(client.known).toMatchObject({ running: [], ended: [] });
    expect(sleeping()).toBe(2);
    const statements = await client.port.reap([{ attemptKey: one.attemptKey, identity }]);
    expect(statements.get(one.attemptKey)).toMatchObject({ found: 3, ended: 3, left: [] });
    expect(sleeping()).toBe(0);
  });

  it("what a job was allowed to leave behind goes on, and its output goes on being read", async () => {
    const client = await open();
    const line = "setsid sh -c 'while :; do echo on; sleep 0.1; done' & echo $!";
    const allowed = spec(line, { leftovers: "allow" });
    const daemon = Number(textOf(await client.run(allowed)).split("\n")[0]);
    const one = spec("sleep 300");
    client.port.start(one);
    await waitFor(() => client.started.has(one.attemptKey) && sleeping() === 1);
    const pid = runnerPid(client);
    process.kill(pid, "SIGKILL");
    await waitFor(() => client.lost.length > 0);
    expect(client.lost[0]?.attempts).toMatchObject([{ attemptKey: one.attemptKey }]);
    expect(sleeping()).toBe(0);
    // It writes ten times a second: without a reader it would die at once.
    await sleep(1_000);
    expect(isAlive(daemon)).toBe(true);
    process.kill(-daemon, "SIGKILL");
  });

  it("again and again, new ones are started more slowly", async () => {
    const client = await open();
    const deadline = performance.now() + 2_500;
    const pids = new Set<number>();
    while (performance.now() < deadline || pids.size < 2) {
      const { pid } = client.port.status();
      if (pid !== undefined && !pids.has(pid)) {
        pids.add(pid);
        process.kill(pid, "SIGKILL");
      }
      await sleep(10);
    }
    expect(pids.size).toBeLessThan(5);
  });
});

describe("told to end by the system, the runner", () => {
  it("ends its commands properly and reports them", async () => {
    const client = await open();
    const one = spec("trap 'echo tidied; exit 0' TERM; sleep 300 & wait");
    client.port.start(one);
    await waitFor(() => sleeping() === 1);
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
    const gateway = play([one]);
    await gateway.hears("started");
    await killed(gateway);
    const [info] = instances();
    process.kill(info?.identity.pid ?? 0, "SIGTERM");
    await waitFor(() => !isAlive(info?.identity.pid ?? 0));
    expect(instances()).toEqual([]);
    const client = await open();
    expect(await client.resultOf(one.attemptKey)).toMatchObject({ outcome: "canceled" });
  });
});

describe("a full disk", () => {
  function mountSmall(dir: string, skip: (why: string) => void): void {
    mkdirSync(dir, { recursive: true });
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", dir], { stdio: "ignore" });
    } catch {
      skip("no small file system can be mounted here");
    }
  }

  it("under its results loses none: the runner stays until a gateway has heard of them, or there is room", async ({
    skip,
  }) => {
    const results = resultsDir(bench.stateDir);
    mountSmall(results, skip);
    const fill = join(results, "fill");
    try {
      expect(() => writeFileSync(fill, Buffer.alloc(2 ** 21))).toThrow("ENOSPC");
      const [one, two] = [spec("sleep 0.5; echo one"), spec("sleep 0.5; echo two")];
      const gateway = play([one, two], 500);
      await gateway.hears("started");
      await killed(gateway);
      const pid = instances()[0]?.identity.pid ?? 0;
      await sleep(1_500);
      expect(isAlive(pid)).toBe(true);
      const client = await open({}, false);
      expect(textOf(await client.resultOf(one.attemptKey))).toBe("one\n");
      expect(textOf(await client.resultOf(two.attemptKey))).toBe("two\n");
      client.port.acknowledge(one.attemptKey);
      rmSync(fill);
      await client.port.close();
      await waitFor(() => !isAlive(pid), { timeoutMs: 30_000 });
      expect(textOf(await (await open()).resultOf(two.attemptKey))).toBe("two\n");
    } finally {
      execFileSync("umount", ["-l", results]);
    }
  });

  it("cuts the log and says so; the command is not held up", async ({ skip }) => {
    const small = join(bench.stateDir, "small");
    mountSmall(small, skip);
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
