/**
 * Runs on Windows (or on a Windows Node under Wine): the executor's Windows branch with real processes. Bundled into one
 * file by run.ts. Prints `ok <what>` or `not ok <what>: <why>` a line, into a file: Wine's consoles and pipes are not ours.
 */
import "./older-node.ts";
import { appendFileSync, existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createExecutor } from "../../src/executor/index.ts";
import type { AttemptResult, CommandSpec } from "../../src/executor/types.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { silentLogger } from "../../src/kernel/logger.ts";

const report = process.argv[2] ?? "report.txt";
const home = mkdtempSync(join(tmpdir(), "cc-windows-"));
const executor = createExecutor({ clock: systemClock, logger: silentLogger, workDir: join(home, "work") });
const node = process.execPath;
let attempts = 0;

function run(change: Partial<CommandSpec>): Promise<AttemptResult> {
  attempts += 1;
  const spec: CommandSpec = {
    attemptKey: `probe.${attempts}`,
    argv: [node, "-e", ""],
    cwd: home,
    env: { ...(process.env as Record<string, string>) },
    timeoutMs: 30_000,
    noOutputTimeoutMs: 0,
    outputMaxBytes: 65_536,
    stopSignal: "SIGTERM",
    stopGraceMs: 500,
    leftovers: "kill",
    onGatewayExit: "continue",
    logDir: join(home, "logs", String(attempts)),
    logBudgetBytes: 1_048_576,
    ...change,
  };
  return executor.run(spec, () => {}).result;
}

const text = (stream: AttemptResult["stdout"]): string => Buffer.from(stream.tail, "base64").toString();

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function check(what: string, body: () => Promise<string | undefined>): Promise<void> {
  let wrong: string | undefined;
  try {
    wrong = await body();
  } catch (error) {
    wrong = String(error);
  }
  appendFileSync(report, wrong === undefined ? `ok ${what}\n` : `not ok ${what}: ${wrong}\n`);
}

const showArgs = "process.stdout.write(JSON.stringify(process.argv.slice(1)))";

await check("spawns a program and captures both streams", async () => {
  const result = await run({ argv: [node, "-e", "console.log('out'); console.error('err'); process.exit(3)"] });
  const seen = [result.outcome, result.exitCode, text(result.stdout).trim(), text(result.stderr).trim()].join("|");
  return seen === "exited|3|out|err" ? undefined : seen;
});

await check("passes arguments with quotes, spaces, carets and percent signs untouched", async () => {
  const args = ['a "quoted" word', "two words", "^caret&|", "%PATH%", "back\\slash\\", ""];
  const result = await run({ argv: [node, "-e", showArgs, "--", ...args] });
  const seen = text(result.stdout);
  return seen === JSON.stringify(args) ? undefined : seen;
});

await check("passes standard input", async () => {
  const result = await run({ argv: [node, "-e", "process.stdin.pipe(process.stdout)"], input: "hello input" });
  return text(result.stdout) === "hello input" ? undefined : JSON.stringify(result);
});

await check("says that a program is missing", async () => {
  const result = await run({ argv: ["no-such-program-anywhere"] });
  return result.outcome === "spawn_failed" && result.error?.code === "PROGRAM_NOT_FOUND"
    ? undefined
    : JSON.stringify(result);
});

await check("enforces the time limit and ends a grandchild, whichever way works here", async () => {
  const pidFile = join(home, "grandchild.pid");
  const grandchild = `require("fs").writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); setInterval(() => {}, 1000)`;
  const script = `require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(grandchild)}], {stdio: "ignore"}); setInterval(() => {}, 1000)`;
  const pending = run({ argv: [node, "-e", script], timeoutMs: 8_000 });
  for (let turn = 0; turn < 70 && !existsSync(pidFile); turn += 1) await new Promise((done) => setTimeout(done, 100));
  const pid = Number(readFileSync(pidFile, "utf8"));
  if (!alive(pid)) return "the control failed: the grandchild was never seen";
  const result = await pending;
  if (result.outcome !== "timed_out") return `outcome ${result.outcome}`;
  if (alive(pid)) return `the grandchild lives: ${JSON.stringify(result.cleanup)}`;
  appendFileSync(report, `# ended by ${result.cleanup.method.join(", ")}\n`);
  return undefined;
});

await check("cancels", async () => {
  attempts += 1;
  const result = await new Promise<AttemptResult>((done) => {
    const command = executor.run(
      {
        attemptKey: `probe.${attempts}`,
        argv: [node, "-e", "setInterval(() => {}, 1000)"],
        cwd: home,
        env: { ...(process.env as Record<string, string>) },
        timeoutMs: 30_000,
        noOutputTimeoutMs: 0,
        outputMaxBytes: 65_536,
        stopSignal: "SIGTERM",
        stopGraceMs: 500,
        leftovers: "kill",
        onGatewayExit: "continue",
        logDir: join(home, "logs", String(attempts)),
        logBudgetBytes: 1_048_576,
      },
      () => setTimeout(() => command.cancel("the probe"), 500),
    );
    void command.result.then(done);
  });
  return result.outcome === "canceled" && result.canceledBy === "the probe" ? undefined : JSON.stringify(result);
});

executor.close();
appendFileSync(report, "done\n");
process.exit(0);
