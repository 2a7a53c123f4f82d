import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readLog } from "../../src/executor/index.ts";
import { type Bench, createBench, specOf, textOf } from "../helpers/commands.ts";
import { isAlive } from "../helpers/processes.ts";
import { waitFor } from "../helpers/wait-for.ts";

let bench: Bench;
beforeAll(() => {
  bench = createBench({ cgroupName: "command-cron-test" });
});
afterAll(() => bench.close());

describe("one command", () => {
  it("runs its exact argv without a shell, in its directory, with its environment and nothing of ours", async () => {
    const argv = ["node", "-e", "console.log(JSON.stringify([process.argv.slice(1), process.cwd(), process.env]))"];
    const tricky = ["a b", "$HOME", "*", "", "'q'", "\\", "ü\n"];
    const spec = specOf(bench.dir, [...argv, "--", ...tricky], {
      env: { PATH: process.env["PATH"] ?? "", ONLY: "this" },
    });
    const result = await bench.executor.run(spec, () => {}).result;
    expect(result).toMatchObject({ outcome: "exited", exitCode: 0, signal: null });
    const [args, cwd, env] = JSON.parse(textOf(result));
    expect(args).toEqual(tricky);
    expect(cwd).toBe(bench.dir);
    expect(env).toEqual({
      PATH: process.env["PATH"],
      ONLY: "this",
      OPENCLAW_PROGRESS: expect.stringMatching(`^${join(bench.dir, "work", "progress")}/\\d+/progress$`),
      OPENCLAW_COMMAND_CRON_ATTEMPT: spec.attemptKey,
    });
  });

  it.skipIf(!existsSync("/proc/self/autogroup"))("weighs as much as other sessions, or what its job says", async () => {
    // Empty for what never left the session of the machine's first process.
    const own = readFileSync("/proc/self/autogroup", "utf8");
    const weighs = "sleep 0.7; cat /proc/self/autogroup";
    expect(textOf(await bench.run(weighs))).toMatch(/ nice 0$/m);
    const until = (nice: number): string =>
      `for i in $(seq 300); do grep " nice ${nice}$" /proc/self/autogroup && exit; sleep 0.1; done; exit 1`;
    expect(await bench.run(until(6), { limits: { nice: 6 } })).toMatchObject({ exitCode: 0 });
    expect(readFileSync("/proc/self/autogroup", "utf8")).toBe(own);
  });

  it("gets its input as a file that can be read twice, and its outputs can be opened by name", async () => {
    const result = await bench.run("cat /dev/stdin; cat /dev/stdin; echo out >/dev/stdout; echo err >/dev/stderr", {
      input: "the input\n",
    });
    expect(textOf(result)).toBe("the input\nthe input\nout\n");
    expect(textOf(result, "stderr")).toBe("err\n");
  });

  it("has empty input by default and does not mind input that nobody reads", async () => {
    expect(textOf(await bench.run("wc -c"))).toMatch(/^\s*0\n$/);
    const result = await bench.run(["true"], { input: "x".repeat(4 * 1_048_576) });
    expect(result).toMatchObject({ outcome: "exited", exitCode: 0 });
  });

  it("is recorded with exit code, signal and identity", async () => {
    expect(await bench.run("exit 7")).toMatchObject({ outcome: "exited", exitCode: 7, signal: null });
    const killed = await bench.run("kill -USR1 $$");
    expect(killed).toMatchObject({ outcome: "signaled", exitCode: null, signal: "SIGUSR1" });
    expect(killed.identity?.pid).toBeGreaterThan(1);
    expect(Number(killed.identity?.startTime)).toBeGreaterThan(0);
    expect(killed.endedAtMs).toBeGreaterThanOrEqual(killed.startedAtMs);
  });

  it("tells its identity as soon as its process exists", async () => {
    let pid = 0;
    const { result } = bench.executor.run(specOf(bench.dir, ["sleep", "0.2"]), (identity) => {
      pid = identity.pid;
    });
    await waitFor(() => pid !== 0 && isAlive(pid));
    await result;
    expect(isAlive(pid)).toBe(false);
  });

  it("records what its tree used", async () => {
    const result = await bench.run([
      "node",
      "-e",
      "const a = Buffer.alloc(5e7, 1); while (process.cpuUsage().user < 300_000);",
    ]);
    expect(result.resources?.cpuMs).toBeGreaterThan(150);
    // Sampled, it may be a look before the last page was touched.
    expect(result.resources?.peakMemoryBytes).toBeGreaterThan(4e7);
  });
});

describe("a command that cannot start", () => {
  it("says which directory is missing", async () => {
    const cwd = join(bench.dir, "nowhere");
    const result = await bench.run(["true"], { cwd });
    expect(result).toMatchObject({ outcome: "spawn_failed", exitCode: null, error: { code: "CWD_NOT_FOUND" } });
    expect(result.error?.message).toContain(cwd);
    writeFileSync(join(bench.dir, "plain-file"), "");
    expect(await bench.run(["true"], { cwd: join(bench.dir, "plain-file") })).toMatchObject({
      error: { code: "CWD_NOT_FOUND" },
    });
  });

  it("says which program is missing, also behind limits", async () => {
    for (const limits of [undefined, { openFiles: 100 }]) {
      const more = limits === undefined ? {} : { limits };
      const result = await bench.run(["no-such-program"], more);
      expect(result).toMatchObject({ outcome: "spawn_failed", error: { code: "PROGRAM_NOT_FOUND" } });
      expect(result.error?.message).toContain("no-such-program");
      expect(await bench.run(["./absent"], more)).toMatchObject({ error: { code: "PROGRAM_NOT_FOUND" } });
    }
  });

  it("says what cannot be executed: a plain file, a directory, a script whose interpreter is missing", async () => {
    const bin = join(bench.dir, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "plain"), "echo hi\n", { mode: 0o644 });
    writeFileSync(join(bin, "bad-script"), "#!/no/such/interpreter\n");
    chmodSync(join(bin, "bad-script"), 0o755);
    for (const limits of [undefined, { openFiles: 100 }]) {
      const more = { env: { PATH: bin }, ...(limits === undefined ? {} : { limits }) };
      expect(await bench.run(["plain"], more)).toMatchObject({ error: { code: "PROGRAM_NOT_EXECUTABLE" } });
      const result = await bench.run(["bad-script"], more);
      expect(result).toMatchObject({ outcome: "spawn_failed", error: { code: "PROGRAM_NOT_EXECUTABLE" } });
      expect(result.error?.message).toContain("/no/such/interpreter");
    }
    expect(await bench.run([bin])).toMatchObject({ error: { code: "PROGRAM_NOT_FOUND" } });
  });

  it("says that the system refused, when the arguments are too long for it", async () => {
    const result = await bench.run(["true", "x".repeat(3_000_000)]);
    expect(result).toMatchObject({ outcome: "spawn_failed", error: { code: "SPAWN_REFUSED" } });
    expect(result.error?.message).toContain("E2BIG: too long an argument");
  });

  it("leaves the next one unharmed", async () => {
    expect(textOf(await bench.run("echo fine"))).toBe("fine\n");
  });
});

describe("limits", () => {
  it("end a command that takes too long, keeping what it printed", async () => {
    const result = await bench.run("echo partial; sleep 300", { timeoutMs: 1_500 });
    expect(result).toMatchObject({ outcome: "timed_out", exitCode: null, signal: "SIGTERM" });
    expect(textOf(result)).toBe("partial\n");
  });

  it("end a command that is silent for too long; either stream counts as a sign of life", async () => {
    const talking = "for i in 1 2 3 4 5 6; do echo x; sleep 0.1; echo y >&2; sleep 0.1; done";
    expect(await bench.run(talking, { noOutputTimeoutMs: 5_000 })).toMatchObject({ outcome: "exited" });
    const result = await bench.run("echo x; sleep 300", { noOutputTimeoutMs: 400, timeoutMs: 200_000 });
    expect(result).toMatchObject({ outcome: "silent", signal: "SIGTERM" });
  });

  it("record the first cause: exit 0 in answer to the stop signal is still a timeout", async () => {
    const result = await bench.run("trap 'echo bye; exit 0' TERM; sleep 300 & wait", { timeoutMs: 1_500 });
    expect(result).toMatchObject({ outcome: "timed_out", exitCode: 0, signal: null });
    expect(textOf(result)).toBe("bye\n");
  });

  it("give a handler the whole grace: three seconds of tidying up within five are completed", async () => {
    const tidy = "trap 'echo tidying; sleep 3; echo tidied; exit 3' TERM; sleep 300 & wait";
    const result = await bench.run(tidy, { timeoutMs: 1_500, stopGraceMs: 5_000 });
    expect(result).toMatchObject({ outcome: "timed_out", exitCode: 3 });
    expect(textOf(result)).toBe("tidying\ntidied\n");
  });

  it("use the stop signal of the job", async () => {
    // A shell lets its background commands ignore SIGINT: they are killed after the grace.
    const result = await bench.run("trap 'echo interrupted; exit 9' INT; sleep 300 & wait", {
      timeoutMs: 1_500,
      stopGraceMs: 1_000,
      stopSignal: "SIGINT",
    });
    expect(textOf(result)).toBe("interrupted\n");
  });

  it("of the process are set before it runs", async () => {
    const result = await bench.run("ulimit -n; ulimit -t; nice", {
      limits: { openFiles: 77, cpuSeconds: 50, nice: 6 },
    });
    expect(textOf(result)).toBe("77\n50\n6\n");
  });

  it("on CPU time and memory end what goes beyond", async () => {
    const spin = await bench.run("while :; do :; done", { limits: { cpuSeconds: 1 }, timeoutMs: 120_000 });
    expect(spin).toMatchObject({ outcome: "signaled", signal: "SIGXCPU" });
    const line = "x=$(head -c 100000000 /dev/zero | tr '\\0' x); test -n \"$x\"";
    expect(await bench.run(line)).toMatchObject({ exitCode: 0 });
    const eat = await bench.run(line, { limits: { memoryBytes: 50_000_000 } });
    expect(eat.exitCode).not.toBe(0);
  });
});

describe("cancel", () => {
  it("ends the tree, names who asked, and answers when it is gone", async () => {
    let pid = 0;
    const command = bench.executor.run(specOf(bench.dir, "echo on; sleep 30 & sleep 30"), (identity) => {
      pid = identity.pid;
    });
    await waitFor(() => pid !== 0);
    await command.cancel("the operator");
    expect(isAlive(pid)).toBe(false);
    expect(await command.result).toMatchObject({ outcome: "canceled", canceledBy: "the operator" });
  });

  it("asked twice, or too late, changes nothing", async () => {
    const command = bench.executor.run(specOf(bench.dir, "exit 4"), () => {});
    await command.result;
    await command.cancel("late");
    const result = await command.result;
    expect(result).toMatchObject({ outcome: "exited", exitCode: 4 });
    expect(result.canceledBy).toBeUndefined();
  });
});

describe("what is left after a normal end", () => {
  it("does not hold the result, even when it holds the output open", async () => {
    const result = await bench.run("sleep 300 & echo done", { leftovers: "report" });
    expect(result).toMatchObject({ outcome: "exited", exitCode: 0 });
    expect(textOf(result)).toBe("done\n");
    expect(result.cleanup.left).toHaveLength(1);
    expect(result.cleanup.left[0]?.command).toContain("sleep 300");
    for (const { pid } of result.cleanup.left) process.kill(pid, "SIGKILL");
  });

  it("is ended by default and named in the statement", async () => {
    const result = await bench.run("sleep 30.5 >/dev/null 2>&1 & echo $!");
    expect(isAlive(Number(textOf(result)))).toBe(false);
    expect(result.cleanup).toMatchObject({ found: 1, ended: 1, left: [], foundCommands: ["sleep 30.5"] });
  });

  it("is left alone when the job allows it", async () => {
    const result = await bench.run("sleep 30 >/dev/null 2>&1 & echo $!", { leftovers: "allow" });
    const pid = Number(textOf(result));
    expect(isAlive(pid)).toBe(true);
    expect(result.cleanup).toMatchObject({ found: 0, left: [] });
    process.kill(pid, "SIGKILL");
  });

  it("is not what only finishes writing: a process that ends with the pipe is no leftover", async () => {
    const result = await bench.run(["bash", "-c", "exec > >(sleep 0.02; cat); echo through; exit 0"]);
    expect(textOf(result)).toBe("through\n");
    expect(result.cleanup).toMatchObject({ found: 0, left: [] });
  });
});

describe("secrets", () => {
  it("are masked in output, log, error text and the commands found", async () => {
    const secret = "hunter2-hunter2";
    const spec = specOf(
      bench.dir,
      `echo ${secret}; printf hunter2-; sleep 0.1; echo hunter2 >&1; sleep 30.7 ${secret} & exit 0`,
      {
        masks: [secret],
      },
    );
    const result = await bench.executor.run(spec, () => {}).result;
    expect(textOf(result)).toBe("***\n***\n");
    const log = await readLog(spec.logDir, { offset: 0, limit: 1_000 });
    expect(JSON.stringify(log.chunks.map((chunk) => Buffer.from(chunk.dataBase64, "base64").toString()))).not.toContain(
      "hunter2",
    );
    expect(JSON.stringify(result)).not.toContain("hunter2");
    const absent = await bench.run([`/nowhere/${secret}`], { masks: [secret] });
    expect(absent.error?.message).toContain("/nowhere/***");
  });
});

describe("a flood", () => {
  it.each([
    ["with lines", "yes 0123456789 | head -c 100000000"],
    ["without a newline", "head -c 100000000 /dev/zero"],
  ])("%s is counted exactly and kept in bounded memory", async (_, line) => {
    const before = process.memoryUsage();
    const result = await bench.run(line, { logBudgetBytes: 4 * 1_048_576 });
    expect(result.stdout.bytes).toBe(100_000_000);
    expect(result.log.droppedBytes).toBeGreaterThan(90_000_000);
    expect(Buffer.from(result.stdout.head, "base64")).toHaveLength(8_192);
    expect(Buffer.from(result.stdout.tail, "base64")).toHaveLength(65_536);
    expect(process.memoryUsage().arrayBuffers - before.arrayBuffers).toBeLessThan(30_000_000);
  });
});

it("leaves no pipe and no input behind", async () => {
  const own = createBench();
  await own.run("cat", { input: "x" });
  const work = join(own.dir, "work");
  expect(readdirSync(join(work, "pipes")).length).toBeGreaterThan(0);
  own.executor.close();
  expect(readdirSync(work)).toEqual([]);
  own.close();
});
