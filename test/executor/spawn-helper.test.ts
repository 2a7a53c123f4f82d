import { spawnSync } from "node:child_process";
import { closeSync, constants, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createSpawnHelper, type Helped, type SpawnHelper } from "../../src/executor/spawn-helper.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import { createBench, specOf } from "../helpers/commands.ts";

const usable = process.platform === "linux" && existsSync("/usr/bin/perl");

/** Nobody may have reaped it yet. */
const lives = (pid: number | string): boolean =>
  existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));

describe.skipIf(!usable)("spawn helper", () => {
  let helper: SpawnHelper;
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "cc-helper-"));
    helper = createSpawnHelper({ clock: systemClock, logger: silentLogger });
  });
  afterAll(() => {
    helper.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const started = async (argv: string[], env: Record<string, string> = {}, stdout: number | "ignore" = "ignore") => {
    const request = { argv, cwd: dir, env, stdio: ["ignore", stdout, "ignore"] as const, cgroup: undefined };
    return helper.start(request);
  };
  const sh = (line: string): Promise<Helped | undefined> => started(["/bin/sh", "-c", line]);
  const ended = async (line: string) => (await sh(line))?.exited;

  it("tells every exit code as it was", async () => {
    for (const exitCode of [0, 1, 2, 127, 128, 137, 255]) {
      expect(await ended(`exit ${exitCode}`)).toEqual({ exitCode, signal: null });
    }
  });

  it("tells a signal from the exit code that a shell makes of it, and names it as Node does", async () => {
    for (const signal of ["SIGKILL", "SIGTERM", "SIGABRT", "SIGHUP", "SIGINT", "SIGFPE", "SIGPIPE"]) {
      expect(await ended(`kill -${signal.slice(3)} $$`)).toEqual({ exitCode: null, signal });
    }
  });

  it("does not take a signal without a name for a good end", async () => {
    expect(await ended("kill -40 $$")).toEqual({ exitCode: 168, signal: null });
  });

  it("passes words and variables as they are, and nothing else", async () => {
    const words = ["", " a  b ", "line\nbreak", "$(x) 'q' \"", "ä€😀", "-e"];
    const env = { PATH: "/usr/bin:/bin", EMPTY: "", LINES_: "1\n2", EQUAL: "a=b", "NAME-Ä": "ü" };
    const path = join(dir, "out");
    const fd = openSync(path, "w");
    const script = "process.stdout.write(JSON.stringify([process.argv.slice(1), process.env]))";
    const helped = await started([process.execPath, "-e", script, "--", ...words], env, fd);
    expect(await helped?.exited).toEqual({ exitCode: 0, signal: null });
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual([words, env]);
  });

  it("starts in a session of its own, in the directory that was asked for, with no file and no signal of the helper", async () => {
    const path = join(dir, "state");
    const fd = openSync(path, "w");
    const script = `const { readdirSync, readFileSync } = require("node:fs");
      const status = readFileSync("/proc/self/status", "utf8");
      const stat = readFileSync("/proc/self/stat", "utf8").split(" ");
      const masks = ["Blk", "Ign"].map((name) => status.match("Sig" + name + ":\\\\s*(\\\\w+)")[1]);
      process.stdout.write([process.cwd(), process.pid, stat[4], stat[5], ...masks].join());`;
    const helped = await started([process.execPath, "-e", script], { PATH: "/usr/bin:/bin" }, fd);
    await helped?.exited;
    // Node itself ignores SIGPIPE and SIGXFSZ.
    const [blocked, ignored] = ["0".repeat(16), "0000000001001000"];
    const { pid } = helped ?? {};
    expect(readFileSync(path, "utf8")).toBe([dir, pid, pid, pid, blocked, ignored].join());
    const list = join(dir, "files");
    await (await started(["/bin/ls", "/proc/self/fd"], {}, openSync(list, "w")))?.exited;
    expect(readFileSync(list, "utf8")).toBe(spawnSync("/bin/ls", ["/proc/self/fd"], { encoding: "utf8" }).stdout);
  });

  it("tells when the process began, even of one that is over at once", async () => {
    const [quick, slow] = [await started(["/bin/true"]), await sh("exec sleep 5")];
    const stat = readFileSync(`/proc/${slow?.pid}/stat`, "utf8");
    expect(slow?.startTime).toBe(Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]));
    expect(quick?.startTime).toBeGreaterThan(0);
    expect(quick?.startTime).toBeLessThanOrEqual(slow?.startTime ?? 0);
    process.kill(slow?.pid ?? 0, "SIGKILL");
    expect(await slow?.exited).toEqual({ exitCode: null, signal: "SIGKILL" });
  });

  it("has begun nothing where it answers nothing", async () => {
    expect(await started(["/no/such/program"])).toBeUndefined();
    expect(await started(["no-such-program"], { PATH: "/usr/bin:/bin" })).toBeUndefined();
    expect(await started([dir])).toBeUndefined();
    const request = { argv: ["/bin/true"], cwd: join(dir, "none"), env: {}, cgroup: undefined };
    expect(await helper.start({ ...request, stdio: ["ignore", "ignore", "ignore"] })).toBeUndefined();
  });

  it("knows many ends apart", async () => {
    const all = await Promise.all(Array.from({ length: 40 }, (_, index) => sh(`exit ${index}`)));
    expect(await Promise.all(all.map((one) => one?.exited))).toEqual(
      Array.from({ length: 40 }, (_, exitCode) => ({ exitCode, signal: null })),
    );
  });

  it("tells nothing of those whose helper was killed, and starts nothing more", async () => {
    const other = createSpawnHelper({ clock: systemClock, logger: silentLogger });
    const request = { cwd: dir, env: {}, stdio: ["ignore", "ignore", "ignore"] as const, cgroup: undefined };
    const slow = await other.start({ ...request, argv: ["/bin/sleep", "30"] });
    expect(other.missing()).toBeUndefined();
    const stat = readFileSync(`/proc/${slow?.pid}/stat`, "utf8");
    process.kill(Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]), "SIGKILL");
    expect(await slow?.exited).toBeUndefined();
    expect(await other.start({ ...request, argv: ["/bin/true"] })).toBeUndefined();
    expect(other.missing()).toBe("it was ended");
    process.kill(slow?.pid ?? 0, "SIGKILL");
    other.close();
  });

  describe("killed or stopped in the middle", () => {
    const clocks = { late: () => {} };
    /** Timers fire when the test says so. */
    const clock = {
      ...systemClock,
      setTimer(fn: () => void) {
        clocks.late = fn;
        return () => {};
      },
    };
    const parentOf = (pid = 0): number => {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    };
    let other: SpawnHelper;
    let slow: Helped | undefined;
    let pid = 0;
    const request = { env: {}, stdio: ["ignore", "ignore", "ignore"] as (number | "ignore")[], cgroup: undefined };
    const sleep = { ...request, cwd: "/", argv: ["/bin/sleep", "30"] };
    /** A command that cannot go on: nobody writes to the pipe that becomes its input. */
    function stuck() {
      const path = join(dir, `pipe-${pid}`);
      spawnSync("mkfifo", [path]);
      const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      return { path, request: { ...sleep, stdio: [fd, "ignore", "ignore"] as (number | "ignore")[] } };
    }
    const childrenOf = (parent: number): string[] =>
      readdirSync("/proc").filter((name) => /^\d+$/.test(name) && lives(name) && parentOf(Number(name)) === parent);
    beforeEach(async () => {
      other = createSpawnHelper({ clock, logger: silentLogger });
      slow = await other.start(sleep);
      pid = parentOf(slow?.pid);
    });
    afterEach(() => {
      other.close();
      process.kill(slow?.pid ?? 0, "SIGKILL");
    });

    it("is not asked to begin again what has begun: that one is lost", async () => {
      const { path, request: hanging } = stuck();
      const starting = other.start({ ...hanging, argv: ["/usr/bin/touch", join(dir, "begun")] });
      await vi.waitUntil(() => childrenOf(pid).length === 2);
      const begun = childrenOf(pid).find((name) => Number(name) !== slow?.pid);
      await vi.waitUntil(() => /\) S /.test(readFileSync(`/proc/${begun}/stat`, "utf8")));
      process.kill(pid, "SIGKILL");
      const helped = await starting;
      expect(String(helped?.pid)).toBe(begun);
      expect(helped?.startTime).toBeGreaterThan(0);
      expect(await helped?.exited).toBeUndefined();
      expect(await slow?.exited).toBeUndefined();
      // Nor does it become the command when it can go on.
      closeSync(openSync(path, "w"));
      await vi.waitUntil(() => !lives(helped?.pid ?? 0));
      expect(existsSync(join(dir, "begun"))).toBe(false);
    });

    it("goes on while one of its commands hangs before it is one, which counts as started after a time", async () => {
      const starting = other.start(stuck().request);
      await vi.waitUntil(() => childrenOf(pid).length === 2);
      const { late } = clocks;
      const quick = await other.start({ ...sleep, argv: ["/bin/sh", "-c", "exit 5"] });
      expect(await quick?.exited).toEqual({ exitCode: 5, signal: null });
      late();
      const helped = await starting;
      expect(childrenOf(pid)).toContain(String(helped?.pid));
      process.kill(helped?.pid ?? 0, "SIGKILL");
      expect(await helped?.exited).toEqual({ exitCode: null, signal: "SIGKILL" });
    });

    it("is killed when it does not answer, and has begun nothing then", async () => {
      process.kill(pid, "SIGSTOP");
      const starting = other.start({ ...sleep, argv: ["/usr/bin/touch", join(dir, "begun")] });
      await new Promise((resolve) => setImmediate(resolve));
      clocks.late();
      expect(await starting).toBeUndefined();
      expect(await slow?.exited).toBeUndefined();
      expect(lives(pid)).toBe(false);
      expect(existsSync(join(dir, "begun"))).toBe(false);
    });
  });

  it("is not waited for again when it was not ready in time", async () => {
    const asked: number[] = [];
    const clock = {
      ...systemClock,
      setTimer(fn: () => void, ms: number) {
        asked.push(ms);
        queueMicrotask(fn);
        return () => {};
      },
    };
    const late = createSpawnHelper({ clock, logger: silentLogger });
    const stdio: (number | "ignore")[] = ["ignore", "ignore", "ignore"];
    const request = { argv: ["/bin/true"], cwd: dir, env: {}, stdio, cgroup: undefined };
    expect([await late.start(request), await late.start(request)]).toEqual([undefined, undefined]);
    expect(asked).toEqual([2_000]);
    expect(late.missing()).toBe("it was not ready in two seconds");
    late.close();
  });

  it("ends with whoever started it, and does not keep it", async () => {
    const module = join(import.meta.dirname, "../../src/executor/spawn-helper.ts");
    const out = join(dir, "parent");
    const script = `const { createSpawnHelper } = await import(${JSON.stringify(module)});
      const { openSync } = await import("node:fs");
      const logger = { debug() {}, info() {}, warn() {}, error() {} };
      const clock = { setTimer: (fn, ms) => { const timer = setTimeout(fn, ms); return () => clearTimeout(timer); } };
      const argv = ["/bin/sh", "-c", "echo $PPID; sleep 0.1; exit 3"];
      const stdio = ["ignore", openSync(${JSON.stringify(out)}, "w"), "ignore"];
      const one = await createSpawnHelper({ clock, logger }).start({ argv, cwd: "/", env: {}, stdio, cgroup: undefined });
      console.log(JSON.stringify(await one.exited));`;
    const ran = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
    expect([ran.stdout, ran.status], ran.stderr).toEqual(['{"exitCode":3,"signal":null}\n', 0]);
    const pid = readFileSync(out, "utf8").trim();
    expect(Number(pid)).toBeGreaterThan(0);
    await vi.waitUntil(() => !lives(pid));
  });

  it("takes its commands along when it is killed: they are ended and lost, and the next one is started without it", async () => {
    const bench = createBench();
    const spec = specOf(bench.dir, "echo $PPID; sleep 60 & sleep 60");
    let pid = 0;
    const { result } = bench.executor.run(spec, (identity) => {
      pid = identity.pid;
    });
    const parent = (): number => Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(" ")[3]);
    await vi.waitUntil(() => pid !== 0 && parent() !== process.pid);
    process.kill(parent(), "SIGKILL");
    const end = await result;
    expect(end).toMatchObject({ outcome: "lost", exitCode: null, signal: null, cleanup: { left: [] } });
    expect(lives(pid)).toBe(false);
    expect(await bench.run("exit 4")).toMatchObject({ outcome: "exited", exitCode: 4 });
    bench.close();
  });
});
