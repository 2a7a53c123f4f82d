import { spawn } from "node:child_process";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findNgircd } from "../test/helpers/irc.ts";
import { ensureGateway, GATEWAY_VERSIONS, type GatewayVersion } from "./install-gateway.ts";
import { packPlugin } from "./pack.ts";

/**
 * `npm test`: types, lint, then unit, process and end-to-end tests, the Windows branch and the crash points, one after
 * another. The last line says how many tests passed and failed. `--project <name>` runs one part of it.
 */

const PROJECT_DIR = join(import.meta.dirname, "..");
const BIN_DIR = join(PROJECT_DIR, "node_modules");
const PROJECTS = ["unit", "process", "e2e"];
/** Programs of their own: Windows under Wine, and kills at every commit point and every other fault, judged by the oracle. */
const PROGRAMS: Record<string, string[][]> = {
  windows: [["test/windows/run.ts"]],
  faults: [
    ["test/faults/run.ts", "--kills", "1", "--rounds", "1"],
    ["test/faults/run.ts", "--break-claim", "--point", "settled", "--kills", "1"],
    ["test/faults/run.ts", "--nodes", "--kills", "1", "--point", "dispatched,ended-on-node"],
    ["test/faults/run.ts", "--break-isolation", "--scenario", "poisoned-result", "--rounds", "1"],
  ],
};

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** As much of vitest's JSON report as is read here. */
interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: {
    name: string;
    message: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
  }[];
}

/** What failed, in full: said once more at the end, where a log that was cut short still has it. */
const failures: string[] = [];

/** What this host could not check. */
const skips: string[] = [];

const title = (text: string): void => console.log(`\n=== ${text}`);

/** Runs one of the development tools under this Node, its output shown; answers its exit code. */
function tool(file: string, args: string[], env: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(BIN_DIR, file), ...args], {
      cwd: PROJECT_DIR,
      env: { ...process.env, ...env },
      stdio: ["ignore", "inherit", "inherit"],
    });
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

/** Runs the tests of one project. Tests that could not even be loaded count as one failure. */
async function runProject(project: string, reportDir: string, env: Record<string, string>): Promise<Counts> {
  title(`${project} tests`);
  const report = join(reportDir, `${project}.json`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const args = ["run", "--config", "test/vitest.config.ts", "--project", project, "--passWithNoTests", ...reporters];
  const code = await tool("vitest/vitest.mjs", args, env);
  try {
    const result = JSON.parse(await readFile(report, "utf8")) as Report;
    for (const { name, message, assertionResults } of result.testResults) {
      if (message !== "") failures.push(`${name}\n${message}`);
      for (const { status, fullName, failureMessages } of assertionResults)
        if (status === "failed") failures.push([`${name}: ${fullName}`, ...failureMessages].join("\n"));
        else if (status !== "passed") skips.push(`${name}: ${fullName}`);
    }
    const failed = result.numFailedTests;
    if (failed === 0 && code !== 0) failures.push(`${project} tests: exit code ${code}, see above`);
    return {
      passed: result.numPassedTests,
      failed: failed === 0 && code !== 0 ? 1 : failed,
      skipped: result.numPendingTests + result.numTodoTests,
    };
  } catch (error) {
    failures.push(`${project} tests: no report: ${String(error)}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/** Runs a test program. Without a closing count of its own it is one test. */
function runProgram([file = "", ...args]: string[], env: Record<string, string>): Promise<Counts> {
  return new Promise((resolve, reject) => {
    let text = "";
    const child = spawn(process.execPath, [join(PROJECT_DIR, file), ...args], {
      cwd: PROJECT_DIR,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "inherit"],
    });
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk;
      process.stdout.write(chunk);
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code !== 0) failures.push([[file, ...args].join(" "), ...text.trimEnd().split("\n").slice(-20)].join("\n"));
      const [, passed, failed, skipped] = /(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$/.exec(text) ?? [];
      if (passed === undefined) resolve({ passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 });
      else resolve({ passed: Number(passed), failed: Number(failed), skipped: Number(skipped ?? 0) });
    });
  });
}

/** A check without tests of its own counts as one. */
async function check(name: string, file: string, args: string[]): Promise<Counts> {
  const ok = (await tool(file, args)) === 0;
  title(`${name}: ${ok ? "ok" : "failed"}`);
  if (!ok) failures.push(`${name}: see above`);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

function wantedProjects(): string[] {
  const all = [...PROJECTS, ...Object.keys(PROGRAMS)];
  const { project } = parseArgs({ options: { project: { type: "string" } } }).values;
  if (project === undefined) return all;
  if (all.includes(project)) return [project];
  console.error(`--project ${project}: there are ${all.join(", ")}`);
  process.exit(2);
}

/** End-to-end tests run on the first; the others count only where they are installed, as in CI. */
async function gateways(): Promise<GatewayVersion[]> {
  const wanted = process.env["CI"] === undefined ? GATEWAY_VERSIONS.slice(0, 1) : GATEWAY_VERSIONS;
  for (const version of wanted) await ensureGateway(version, (line) => console.log(line));
  return wanted;
}

/** `npm run test:process` takes its time; here each hostile tree comes up so often. */
const QUICK_ROUNDS = "2";

const projects = wantedProjects();
const workDir = await mkdtemp(join(tmpdir(), "cc-test-"));
// Tests that play another user have to get through to theirs below.
await chmod(workDir, 0o711);
const counts: Counts[] = [];
try {
  // Whatever a test that fails half-way leaves behind is removed with this directory.
  const env: Record<string, string> = {
    TMPDIR: workDir,
    HOSTILE_ROUNDS: process.env["HOSTILE_ROUNDS"] ?? QUICK_ROUNDS,
  };
  title("build and pack");
  env["COMMAND_CRON_PACKAGE"] = await packPlugin(workDir);
  if (projects.includes("e2e")) {
    title("gateways");
    env["COMMAND_CRON_GATEWAYS"] = (await gateways()).join(",");
    console.log(`OpenClaw ${env["COMMAND_CRON_GATEWAYS"]}`);
    if (findNgircd() === undefined) console.log("ngircd is not on PATH: tests that need an IRC server are skipped");
  }
  counts.push(
    ...(await Promise.all([
      check("types", "typescript/bin/tsc", ["--noEmit"]),
      check("types of the page", "typescript/bin/tsc", ["--noEmit", "-p", "page"]),
      check("lint and format", "@biomejs/biome/bin/biome", ["check", "."]),
    ])),
  );
  for (const project of projects) {
    for (const program of PROGRAMS[project] ?? []) {
      title(program.join(" "));
      counts.push(await runProgram(program, env));
    }
    if (PROGRAMS[project] === undefined) counts.push(await runProject(project, workDir, env));
  }
} finally {
  await rm(workDir, { recursive: true, force: true });
}

if (failures.length > 0) {
  title("what failed");
  console.log(failures.join("\n\n"));
}
const sum = (key: keyof Counts): number => counts.reduce((total, one) => total + one[key], 0);
if (skips.length > 0) console.log(["", "what this host could not check", ...skips].join("\n"));
if (sum("skipped") > 0) console.log(`\n${sum("skipped")} skipped`);
process.exitCode = sum("failed") === 0 && sum("passed") > 0 ? 0 : 1;
console.log(`\n${sum("passed")} passed, ${sum("failed")} failed`);
