/**
 * Kills the host at every named commit point and lets the oracle judge. `npm run test:faults [-- --kills 20 --seed 7]`.
 * `--break-claim` starts every attempt twice, behind the ledger's back: then the oracle must find double starts.
 */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { COMMIT_POINTS } from "../../src/engine/deps.ts";
import type { HostOptions } from "./host.ts";
import { findings, judge, type Received } from "./oracle.ts";

/** Most of the time is waiting for instants; more side by side would only crowd two cores. */
const SIDE_BY_SIDE = 3;
const POINTS = [...COMMIT_POINTS, "sending", "sent-unrecorded", "receipt-recorded"];

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "20" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
    point: { type: "string" },
    minutes: { type: "string", default: "9" },
    "break-claim": { type: "boolean", default: false },
  },
});
const kills = Number(values.kills);
const deadlineMs = Date.now() + Number(values.minutes) * 60_000;

/** mulberry32: a small seeded generator, so that a printed seed repeats the choice of kills. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A receiver of its own for each point, so that points can be judged side by side. */
async function startReceiver(): Promise<{ url: string; received: Received[]; close(): void }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const runId = (JSON.parse(body) as { runId: string }).runId;
      received.push({ id: String(request.headers["webhook-id"]), runId });
      response.end("ok");
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}/`, received, close: () => server.close() };
}

const exited = (child: ChildProcess): Promise<NodeJS.Signals | null> =>
  new Promise((done) => child.once("exit", (_code, signal) => done(signal)));

function reply<T>(child: ChildProcess, message: string): Promise<T> {
  return new Promise((done) => {
    child.once("message", (answer) => done(answer as T));
    child.send(message);
  });
}

function start(options: HostOptions): { child: ChildProcess; ready: Promise<boolean> } {
  const child = fork(resolve(import.meta.dirname, "host.ts"), [JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
    cwd: options.stateDir,
  });
  const ready = new Promise<boolean>((done) => {
    child.stdout?.on("data", (chunk: Buffer) => chunk.includes("ready") && done(true));
    child.once("exit", () => done(false));
  });
  return { child, ready };
}

/** Processes that carry an attempt's cookie of this state directory: nobody may be left. */
function survivors(stateDir: string): number {
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const environ = readFileSync(`/proc/${pid}/environ`, "latin1");
      return environ.includes("OPENCLAW_RUN_ID=") && environ.includes(stateDir);
    } catch {
      return false;
    }
  }).length;
}

/** Kills the host at one point `kills` times, lets it finish, and judges. Answers the number of findings. */
async function judgePoint(point: string, random: () => number): Promise<number> {
  const receiver = await startReceiver();
  const stateDir = mkdtempSync(join(tmpdir(), "cc-faults-"));
  const witness = join(stateDir, "witness");
  const line = `echo "$OPENCLAW_RUN_ID $OPENCLAW_ATTEMPT $OPENCLAW_SCHEDULED_FOR" >> ${witness}; echo done`;
  const base: HostOptions = {
    stateDir,
    runnerFile: resolve(import.meta.dirname, "../../dist/runner.js"),
    receiver: receiver.url,
    jobs: [
      { name: "fast", everyMs: 300, argv: ["sh", "-c", line] },
      { name: "slow", everyMs: 700, argv: ["sh", "-c", `${line}; sleep 0.3`] },
    ],
    ...(values["break-claim"] ? { doubleStart: true } : {}),
  };
  const complaints: string[] = [];
  let killed = 0;
  while (killed < kills && Date.now() < deadlineMs && complaints.length === 0) {
    const { child } = start({ ...base, killAt: point, killNth: 1 + Math.floor(random() * 4) });
    const signal = await Promise.race([exited(child), new Promise<"slow">((done) => setTimeout(done, 30_000, "slow"))]);
    if (signal === "SIGKILL") killed += 1;
    else
      complaints.push(signal === "slow" ? "the point was not reached in 30 s" : `the host ended by itself (${signal})`);
    if (signal === "slow") child.kill("SIGKILL");
  }
  await finish(base, complaints);
  const verdict = judge({
    ledgerFile: join(stateDir, "ledger", "ledger.sqlite"),
    witnessFile: witness,
    received: receiver.received,
  });
  const left = survivors(stateDir);
  const found = [...complaints, ...findings(verdict)];
  const cells = [
    killed,
    verdict.instants,
    verdict.missed,
    verdict.runs,
    verdict.lostRuns,
    verdict.repeats,
    left,
    found.length,
  ];
  console.log(`${point.padEnd(18)} ${cells.map((cell) => String(cell).padStart(7)).join("  ")}`);
  for (const finding of found.slice(0, 10)) console.log(`  ${finding}`);
  rmSync(stateDir, { recursive: true, force: true });
  receiver.close();
  return found.length + left;
}

/** One last start without a kill: disable the jobs, wait until nothing is open, stop cleanly. */
async function finish(base: HostOptions, complaints: string[]): Promise<void> {
  const { child, ready } = start(base);
  if (!(await ready)) {
    complaints.push("the host did not start again");
    return;
  }
  await reply(child, "disable");
  const untilMs = Date.now() + 60_000;
  let busy = 1;
  while (busy > 0 && Date.now() < untilMs) {
    await new Promise((done) => setTimeout(done, 200));
    busy = (await reply<{ busy: number }>(child, "idle?")).busy;
  }
  if (busy > 0) complaints.push(`${busy} runs or deliveries are still open after a minute`);
  const gone = exited(child);
  child.send("stop");
  await gone;
}

async function main(): Promise<number> {
  const seed = Number(values.seed);
  const random = generator(seed);
  const waiting = values.point === undefined ? [...POINTS] : [values.point];
  console.log(`seed ${seed}, ${kills} kills a point`);
  console.log("point                kills  instants   missed     runs     lost  repeats  survivors  findings");
  let bad = 0;
  const worker = async (): Promise<void> => {
    for (let point = waiting.shift(); point !== undefined; point = waiting.shift())
      bad += await judgePoint(point, random);
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  console.log(bad === 0 ? "no findings" : `${bad} findings`);
  return bad;
}

const bad = await main();
// With the claim broken on purpose the oracle must object.
const passed = values["break-claim"] ? bad > 0 : bad === 0;
process.exit(passed ? 0 : 1);
