import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Job } from "../schema/wire/job.ts";
import type { RunEntry } from "../schema/wire/run.ts";
import { type CliResult, type Gateway, run, startGateway } from "../test/helpers/gateway.ts";
import type { GatewayClient } from "../test/helpers/gateway-client.ts";
import { isAlive, killProcessesIn, processesIn } from "../test/helpers/processes.ts";
import { type Receiver, startReceiver } from "../test/helpers/receiver.ts";
import { DEFAULT_GATEWAY, ensureGateway } from "./install-gateway.ts";
import { packPlugin } from "./pack.ts";

/** Shows the whole thing on this machine: a real gateway, the packed plugin, four jobs, a receiver. Leaves nothing. */

const startedMs = performance.now();
const seconds = (): string => `${((performance.now() - startedMs) / 1000).toFixed(1).padStart(5)}s`;
const say = (text: string): void => console.log(`${seconds()}  ${text}`);
const quote = (args: string[]): string =>
  args.map((arg) => (/^[\w./:-]+$/.test(arg) ? arg : `'${arg.replaceAll("\n", "\\n")}'`)).join(" ");
const lines = (text: string): string => text.trim().replaceAll("\n", " | ");

/** Long enough for four ticks and for the job that is ended; a demo must end. */
const WATCH_MS = 60_000;

interface JobOrder {
  door: "openclaw" | "command-cron";
  name: string;
  flags: Record<string, string>;
  switches?: string[];
}

const argsOf = ({ name, flags, switches = [] }: JobOrder, webhook: string): string[] => [
  ...Object.entries({ name, ...flags, webhook }).flatMap(([flag, value]) => [`--${flag}`, value]),
  ...switches,
];

const ORDERS: JobOrder[] = [
  { door: "openclaw", name: "tick", flags: { every: "2s", command: 'echo "tick at $(date +%T)"' } },
  {
    door: "command-cron",
    name: "exact",
    flags: {
      every: "5s",
      "command-env": "GREETING=hello from env",
      "command-input": "hello from stdin\n",
      "command-argv": JSON.stringify([
        ...["sh", "-c", `cat; echo "$GREETING"; printf "[%s] " "$@"`, "sh"],
        ...["two words", "*.ts", ""],
      ]),
    },
  },
  {
    door: "command-cron",
    name: "fails",
    flags: { at: "1s", command: 'echo "disk is full" >&2; exit 3' },
    switches: ["--keep-after-run"],
  },
  {
    door: "command-cron",
    name: "too-long",
    flags: { at: "1s", "timeout-seconds": "2", command: 'sleep 300 & echo "grandchild $!"; sleep 300' },
    switches: ["--keep-after-run"],
  },
];

/** Through the gateway's own command line, or through the package's own program where it was installed. */
async function create(gateway: Gateway, order: JobOrder, webhook: string): Promise<Job> {
  const { door } = order;
  const args = argsOf(order, webhook);
  const program = door === "openclaw" ? "openclaw command-cron" : "command-cron";
  say(`$ ${program} create ${quote(args)}`);
  const result =
    door === "openclaw"
      ? await gateway.cli(["command-cron", "create", ...args, "--json"])
      : await ownCli(gateway, ["create", ...args, "--json"]);
  if (result.code !== 0) throw new Error(`create failed: ${result.stderr}${result.stdout}`);
  return JSON.parse(result.stdout) as Job;
}

function ownCli(gateway: Gateway, args: string[]): Promise<CliResult> {
  const program = join(gateway.stateDir, "extensions", "command-cron", "dist", "bin.js");
  const env = { PATH: process.env["PATH"] ?? "", OPENCLAW_STATE_DIR: gateway.stateDir };
  return run(process.execPath, [program, ...args], { cwd: gateway.rootDir, env, timeoutMs: 20_000 });
}

/** Prints each run when it ends and each delivery when it arrives, until there was enough to see. */
async function watch(client: GatewayClient, receiver: Receiver): Promise<RunEntry[]> {
  const seen = new Map<string, RunEntry>();
  let arrived = 0;
  const endMs = performance.now() + WATCH_MS;
  while (performance.now() < endMs) {
    const { entries } = await client.call<{ entries: RunEntry[] }>("cron.command.runs", { limit: 100 });
    for (const entry of entries.toReversed()) {
      if (entry.action !== "finished" || seen.has(entry.runId)) continue;
      seen.set(entry.runId, entry);
      say(`ran        ${describe(entry)}`);
    }
    for (; arrived < receiver.requests.length; arrived += 1) {
      const body = JSON.parse(receiver.requests[arrived]?.body ?? "{}") as {
        job?: { name?: string };
        summary?: string;
      };
      say(`delivered  ${body.job?.name}: ${lines(body.summary ?? "")}`);
    }
    const ticks = [...seen.values()].filter((entry) => entry.jobName === "tick").length;
    if (ticks >= 4 && seen.size >= 7 && arrived >= seen.size) break;
    await sleep(100);
  }
  return [...seen.values()];
}

function describe(entry: RunEntry): string {
  const late = entry.latenessMs === undefined ? "" : `, ${entry.latenessMs} ms after its instant`;
  const ended = entry.exitCode === null ? (entry.signal ?? entry.runStatus) : `exit ${entry.exitCode}`;
  return `${entry.jobName}: ${entry.status} (${entry.outcome}, ${ended})${late} in ${entry.durationMs} ms: ${lines(entry.stdout + entry.stderr)}`;
}

/** What became of the process tree of the job that ran into its time limit. */
function reportEnding(runs: RunEntry[]): void {
  const entry = runs.find((one) => one.jobName === "too-long");
  if (entry === undefined) throw new Error("the job with a time limit never ran");
  const grandchild = Number(/grandchild (\d+)/.exec(entry.stdout)?.[1]);
  const { found, ended, left } = entry.cleanup ?? { found: 0, ended: 0, left: [] };
  say(`ended      too-long after its 2 s: ${found} processes found, ${ended} ended, ${left.length} left`);
  say(`           its grandchild ${grandchild} is ${isAlive(grandchild) ? "STILL THERE" : "gone"}`);
  if (left.length > 0 || isAlive(grandchild)) throw new Error("a process was left behind");
}

async function show(gateway: Gateway, receiver: Receiver): Promise<void> {
  const jobs: Job[] = [];
  for (const order of ORDERS) jobs.push(await create(gateway, order, receiver.url));
  say(`created    ${jobs.map((job) => job.name).join(", ")}`);
  const client = await gateway.connect({ scopes: ["operator.read"] });
  const runs = await watch(client, receiver);
  await client.close();
  reportEnding(runs);
  const ledger = await ownCli(gateway, ["runs", "--limit", "10"]);
  say("$ command-cron runs --limit 10");
  console.log(ledger.stdout.trimEnd());
  const picture = await ownCli(gateway, ["timeline", "--since", "1m"]);
  say("$ command-cron timeline --since 1m");
  console.log(picture.stdout.trimEnd());
  if (runs.length < 7 || receiver.requests.length < runs.length)
    throw new Error("not everything ran or arrived in time");
}

await ensureGateway(DEFAULT_GATEWAY, say);
const packDir = await mkdtemp(join(tmpdir(), "cc-demo-"));
let gateway: Gateway | undefined;
const receiver = await startReceiver();
try {
  const file = await packPlugin(packDir);
  say(
    `packed     ${file.slice(packDir.length + 1)}; starting OpenClaw ${DEFAULT_GATEWAY} on a free port, with its own state`,
  );
  const waiting = setInterval(() => say("waiting    for the gateway, which takes minutes on a slow machine"), 10_000);
  try {
    gateway = await startGateway({
      async prepare(fresh) {
        say("$ openclaw plugins install <file> --force --accept-capabilities");
        await fresh.installPlugin(file);
      },
    });
  } finally {
    clearInterval(waiting);
  }
  say("ready      the gateway runs with the plugin");
  await show(gateway, receiver);
} catch (error) {
  // What went wrong, for whoever only wanted to look; where in our code helps nobody here.
  say(`failed     ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await receiver.close();
  await rm(packDir, { recursive: true, force: true });
  const rootDir = gateway?.rootDir;
  await gateway?.close();
  if (rootDir !== undefined) {
    const left = processesIn(rootDir);
    killProcessesIn(rootDir);
    say(`stopped    ${left.length} processes and no files left`);
    if (left.length > 0) process.exitCode = 1;
  }
}
if (process.exitCode !== 1) say("done");
