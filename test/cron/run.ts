import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Job } from "../../schema/wire/job.ts";
import { DEFAULT_GATEWAY } from "../../scripts/install-gateway.ts";
import { TAKEN } from "../../src/kernel/taken-lines.ts";
import { startPluginGateway } from "../helpers/plugin-gateway.ts";
import { startManager } from "./manager.ts";

/**
 * Moves a real crontab of 40 lines and six timers (of a stand-in for systemd) to a real gateway and back, with kills at random
 * moments, and counts in a witness file that every command ran once in every minute. Root, Debian's cron and an empty crontab
 * are needed: `npm run test:cron [-- --minutes 10 --kills 20]`. The crontab of the user who runs it is written.
 */
const { values } = parseArgs({
  options: { minutes: { type: "string", default: "10" }, kills: { type: "string", default: "20" } },
});
const LINES = 40;
const TIMERS = 6;

interface Ended {
  code: number | string;
  stdout: string;
  stderr: string;
}
const exec = (program: string, args: string[], env?: NodeJS.ProcessEnv): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(program, args, { env: env ?? process.env }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
const minuteOf = (ms: number): number => Math.floor(ms / 60_000);
const problems: string[] = [];
const expect = (what: string, ok: boolean): void => {
  console.log(`${ok ? "ok  " : "FAIL"} ${what}`);
  if (!ok) problems.push(what);
};

const dir = mkdtempSync(join(tmpdir(), "cc-cron-"));
const witness = join(dir, "witness");
writeFileSync(witness, "");
const crontabNow = async (): Promise<string> => (await exec("crontab", ["-l"])).stdout;
if ((await crontabNow()) !== "") throw new Error("this user has a crontab; it is left alone");

const names = [...Array(LINES).keys()].map((n) => `line${n}`);
const timers = [...Array(TIMERS).keys()].map((n) => `timer${n}`);
const command = (name: string): string => `echo ${name} $(date +%s) >> ${witness}`;
const crontab = [
  `MAILTO=""`,
  "# The crontab of a host  ",
  "",
  ...names.flatMap((name, n) => [
    ...(n % 7 === 0 ? [`# ${name}, by name`] : []),
    `${n % 2 === 0 ? "*" : "*/1"} *\t* * *  ${command(name).replaceAll("%", "\\%")}${n % 5 === 0 ? "  " : ""}`,
  ]),
  "@reboot true",
  "# end",
  "",
].join("\n");

const manager = startManager(dir, Object.fromEntries(timers.map((name) => [name, command(name)])));
const plugin = await startPluginGateway({ version: DEFAULT_GATEWAY });
let cron: ChildProcess | undefined;

const program = join(plugin.gateway.stateDir, "extensions", "command-cron", "dist", "bin.js");
const env = {
  PATH: `${manager.dir}${delimiter}${process.env["PATH"] ?? ""}`,
  HOME: dir,
  OPENCLAW_STATE_DIR: plugin.gateway.stateDir,
  NO_COLOR: "1",
};
const cli = (...args: string[]): Promise<Ended> => exec(process.execPath, [program, ...args], env);

/** Starts a command and kills it after so long; answers whether it was still going. */
function killed(args: string[], afterMs: number): Promise<boolean> {
  const child = spawn(process.execPath, [program, ...args], { env, stdio: "ignore" });
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), afterMs);
    child.once("exit", (_, signal) => {
      clearTimeout(timer);
      resolve(signal === "SIGKILL");
    });
  });
}

/** What is on in both places, and what in none. */
async function places(): Promise<{ both: string[]; none: string[] }> {
  const there = await crontabNow();
  const { jobs } = await plugin.client().call<{ jobs: Job[] }>("cron.command.list", { limit: 200 });
  const on = jobs.map(({ payload }) => payload.argv.join(" "));
  const state = [...names, ...timers].map((name) => {
    const line = there.split("\n").find((text) => text.includes(`echo ${name} `));
    const live = line === undefined ? manager.isOn(name) : !line.startsWith(TAKEN);
    return { name, live, here: on.some((argv) => argv.includes(`echo ${name} `)) };
  });
  return {
    both: state.filter(({ live, here }) => live && here).map(({ name }) => name),
    none: state.filter(({ live, here }) => !live && !here).map(({ name }) => name),
  };
}

/** How often each command ran in each minute. */
function counts(fromMinute: number, beforeMinute: number): number[] {
  const seen = new Map<string, number>();
  for (const line of readFileSync(witness, "utf8").trim().split("\n")) {
    const [name = "", seconds = ""] = line.split(" ");
    const key = `${name} ${minuteOf(Number(seconds) * 1_000)}`;
    seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  const all: number[] = [];
  for (let minute = fromMinute; minute < beforeMinute; minute += 1)
    for (const name of [...names, ...timers]) all.push(seen.get(`${name} ${minute}`) ?? 0);
  return all;
}
const once = (from: number, before: number): boolean => counts(from, before).every((count) => count === 1);
const nextMinute = async (minutes = 1): Promise<number> => {
  const target = minuteOf(Date.now()) + minutes;
  await sleep(target * 60_000 + 20_000 - Date.now());
  return target;
};

async function close(): Promise<void> {
  cron?.kill();
  manager.stop();
  await exec("crontab", ["-r"]);
  await plugin.close();
  rmSync(dir, { recursive: true, force: true });
}
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void close().finally(() => process.exit(1)));
}

try {
  writeFileSync(join(dir, "crontab"), crontab);
  const installed = await exec("crontab", [join(dir, "crontab")]);
  if (installed.code !== 0) throw new Error(installed.stderr);
  cron = spawn("cron", ["-f"], { stdio: "ignore" });
  const beginMinute = minuteOf(Date.now()) + 1;
  await nextMinute(2);
  expect("cron and timers start every command once a minute", once(beginMinute, beginMinute + 1));

  const startedMs = performance.now();
  const moved = await cli("import", "--take-over", "--apply");
  const tookMs = performance.now() - startedMs;
  expect(
    `take-over moves ${LINES + TIMERS} (${Math.round(tookMs)} ms)`,
    moved.stdout.includes(`${LINES + TIMERS} moved here`),
  );
  const first = await nextMinute();
  expect("the minute after it, every command ran once", once(first, first + 1) || once(first - 1, first));

  let cut = 0;
  for (let round = 1; cut < Number(values.kills) && round <= Number(values.kills) * 4; round += 1) {
    const args = round % 2 === 0 ? ["import", "--take-over", "--apply"] : ["import", "--give-back"];
    if (await killed(args, 100 + Math.random() * tookMs)) cut += 1;
    const { both, none } = await places();
    console.log(`     kill ${cut}: ${args[1]}, ${both.length} in both places, ${none.length} in none`);
    if (both.length > 0) problems.push(`kill ${cut}: in both places: ${both.join(", ")}`);
  }
  expect(`${cut} kills at random moments leave nothing in both places`, problems.length === 0);

  await cli("import", "--give-back");
  expect("after them the crontab is what it was, byte for byte", (await crontabNow()) === crontab);
  await cli("import", "--take-over", "--apply");
  expect("and moves again", (await places()).both.length === 0 && (await places()).none.length === 0);
  const from = (await nextMinute()) + 1;
  await nextMinute(Number(values.minutes) + 1);
  expect(
    `for ${values.minutes} minutes here, every command ran once a minute`,
    once(from, from + Number(values.minutes)),
  );

  const back = await cli("import", "--give-back");
  expect("give-back says so", back.stdout.includes("byte for byte"));
  expect("the crontab is what it was, byte for byte", (await crontabNow()) === crontab);
  expect(
    "the timers are on",
    timers.every((name) => manager.isOn(name)),
  );
  const again = (await nextMinute()) + 1;
  await nextMinute(2);
  expect("cron and timers start every command once a minute again", once(again, again + 1));
  const every = counts(beginMinute, minuteOf(Date.now()));
  expect(
    `no command ran twice in any minute of ${every.length / (LINES + TIMERS)}`,
    every.every((count) => count <= 1),
  );
  console.log(`     left out while moving: ${every.filter((count) => count === 0).length} of ${every.length}`);
} finally {
  await close();
}
console.log(`${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
