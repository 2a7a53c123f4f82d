/**
 * `npm run test:soak [-- --minutes 30 --jobs 8 --seed 7]`: a real gateway with jobs that are due every second, while gateway
 * and runner are killed, the plugin is reloaded, the clock is moved and the receiver fails. Prints one line a minute, and at
 * the end what the oracle says. Not part of `npm test`.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { StatusReport } from "../../src/engine/api.ts";
import { type PluginGateway, startPluginGateway } from "../helpers/plugin-gateway.ts";
import { processesIn } from "../helpers/processes.ts";
import type { Receiver, Reply } from "../helpers/receiver.ts";
import { waitFor } from "../helpers/wait-for.ts";
import { packMovedPlugin } from "./moved-plugin.ts";
import { findings, judge, type Received } from "./oracle.ts";
import { generator, tableLine } from "./seeded.ts";
import { measure } from "./soak-measure.ts";

const HOUR_MS = 3_600_000;
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    jobs: { type: "string", default: "8" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
  },
});
const minutes = Number(values.minutes);
const random = generator(Number(values.seed));
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

/** The clock is three hours behind while the jobs are made, so that they exist also where it is set back by two. */
const MADE_AT_MS = -3 * HOUR_MS;
const MOVES_MS = [2 * HOUR_MS, -2 * HOUR_MS, 90_000, -90_000];
const REPLIES: readonly Reply[] = [{ status: 503 }, { status: 429 }, "reset", "hang", { status: 200, delayMs: 2_000 }];
const TRIES = [0, 1, 1, 2, 2, 3, 3, ...Array.from({ length: 40 }, () => 5)];

const counts = { gateway: 0, runner: 0, reload: 0, clock: 0, receiver: 0 };
const remarks: string[] = [];

/** Waits for nothing: a gateway that is being started answers later. */
const statusOf = (world: PluginGateway): Promise<StatusReport | undefined> =>
  world
    .client()
    .call<StatusReport>("cron.command.status")
    .catch(() => undefined);

/** A start right after a kill may be refused once: the gateway's own lease of before is still fresh. */
async function startAgain(world: PluginGateway): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await world.gateway.start();
      await world.reconnect();
      return;
    } catch (error) {
      if (tries === 5) throw error;
      remarks.push(`start ${tries}: ${String(error)}`);
      await world.gateway.kill();
      await sleep(5_000);
    }
  }
}

type Action = keyof Omit<typeof counts, "receiver" | "clock">;
const ACTIONS: Record<Action, (world: PluginGateway) => Promise<void>> = {
  async gateway(world) {
    await world.gateway.kill();
    await sleep(random() * 3_000);
    await startAgain(world);
  },
  async runner(world) {
    const pid = (await statusOf(world))?.runner.pid;
    if (pid !== undefined) process.kill(pid, "SIGKILL");
  },
  async reload(world) {
    await world.client().call("plugins.reload", { plugins: [{ pluginId: "command-cron" }] });
  },
};

/** The receiver is well for a while, and then it is not. */
async function flap(receiver: Receiver, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(10_000 + random() * 20_000, undefined, { signal }).catch(() => {});
    counts.receiver += 1;
    receiver.always(pick(REPLIES));
    await sleep(2_000 + random() * 8_000, undefined, { signal }).catch(() => {});
    receiver.always({ status: 200 });
  }
}

async function moveClocks(set: (byMs: number) => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(45_000 + random() * 45_000, undefined, { signal }).catch(() => {});
    if (signal.aborted) break;
    counts.clock += 1;
    set(pick(MOVES_MS));
    await sleep(5_000 + random() * 25_000, undefined, { signal }).catch(() => {});
    set(0);
  }
}

async function addJobs(world: PluginGateway, witness: string): Promise<void> {
  const line = `echo "$OPENCLAW_RUN_ID $OPENCLAW_ATTEMPT $OPENCLAW_SCHEDULED_FOR" >> ${witness}; echo done`;
  for (let index = 0; index < Number(values.jobs); index += 1) {
    await world.add({
      name: `soak ${index}`,
      schedule: { kind: "every", everyMs: 1_000 },
      payload: { kind: "command", argv: ["sh", "-c", line], timeoutSeconds: 20 },
      delivery: { mode: "webhook", to: `${world.receiver.url}/${index}` },
      policy: { backoff: false, autoDisable: false },
    });
  }
}

/** Switches the jobs off and waits until nothing is open. Answers what is still open after three minutes. */
async function finish(world: PluginGateway): Promise<number> {
  const { jobs } = await world.client().call<{ jobs: { id: string }[] }>("cron.command.list", { limit: 100 });
  for (const { id } of jobs) await world.client().call("cron.command.update", { id, patch: { enabled: false } });
  const open = async (): Promise<number> => {
    const { runs, deliveries } = await world.client().call<StatusReport>("cron.command.status");
    return runs.queued + runs.running + (deliveries["pending"] ?? 0) + (deliveries["sending"] ?? 0);
  };
  await waitFor(async () => (await open()) === 0, {
    timeoutMs: 180_000,
    everyMs: 1_000,
    what: "the last delivery",
  }).catch((error) => remarks.push(String(error)));
  return open();
}

function received({ requests }: Receiver): Received[] {
  return requests.map(({ headers, body }) => ({
    id: String(headers["webhook-id"]),
    runId: (JSON.parse(body) as { runId: string }).runId,
  }));
}

async function soak(world: PluginGateway, clockFile: string): Promise<number> {
  const { gateway, receiver } = world;
  const witness = join(gateway.rootDir, "witness");
  const ledgerFile = join(gateway.stateDir, "command-cron", "ledger", "ledger.sqlite");
  const setClock = (byMs: number): void => writeFileSync(clockFile, String(byMs));
  await addJobs(world, witness);
  setClock(0);

  const over = new AbortController();
  const untilMs = performance.now() + minutes * 60_000;
  const beside = [flap(receiver, over.signal), moveClocks(setClock, over.signal)];
  const print = measure({
    gatewayPid: () => gateway.pid(),
    runnerPid: async () => (await statusOf(world))?.runner.pid,
    ledgerFile,
  });
  await print();
  const printing = setInterval(() => void print().catch((error) => remarks.push(String(error))), 60_000);
  try {
    while (performance.now() < untilMs) {
      await sleep(10_000 + random() * 20_000);
      const action = pick(Object.keys(ACTIONS) as Action[]);
      counts[action] += 1;
      await ACTIONS[action](world).catch((error) => remarks.push(`${action}: ${String(error)}`));
      if (action === "gateway") await waitFor(() => statusOf(world), { timeoutMs: 120_000, what: "an answer" });
    }
  } finally {
    clearInterval(printing);
    over.abort();
    await Promise.all(beside);
    receiver.always({ status: 200 });
    setClock(0);
  }
  await sleep(5_000);
  const open = await finish(world);
  await print();
  const status = await statusOf(world);
  await gateway.stop();
  const verdict = judge({ ledgerFile, witnessFile: witness, received: received(receiver) });
  const found = findings(verdict);
  if (open > 0) found.push(`still open: ${open} runs and deliveries`);
  for (const { code, message } of status?.notices ?? [])
    if (code === "OCCURRENCE_GAP") found.push(`${code}: ${message}`);
  const left = processesIn(gateway.rootDir).filter(({ command }) => command.includes(witness));
  found.push(...left.map(({ pid, command }) => `left behind: ${pid} ${command}`));
  console.log(
    `\n${counts.gateway} kills of the gateway, ${counts.runner} of the runner, ${counts.reload} reloads, ` +
      `${counts.clock} clock moves, ${counts.receiver} failures of the receiver`,
  );
  const widths = [10, 8, 8, 8, 8, 8, 10];
  console.log(tableLine("instants", ["missed", "runs", "ran", "lost", "repeats", "findings"], widths));
  const { instants, missed, runs, succeeded, lostRuns, repeats } = verdict;
  console.log(tableLine(String(instants), [missed, runs, succeeded, lostRuns, repeats, found.length], widths));
  for (const finding of found.slice(0, 20)) console.log(`  ${finding}`);
  for (const remark of remarks) console.log(`  remark: ${remark.split("\n")[0]}`);
  return found.length;
}

const workDir = mkdtempSync(join(tmpdir(), "cc-soak-"));
const clockFile = join(workDir, "clock");
writeFileSync(clockFile, String(MADE_AT_MS));
console.log(`seed ${values.seed}, ${minutes} minutes, ${values.jobs} jobs a second`);
process.env["COMMAND_CRON_PACKAGE"] = await packMovedPlugin(workDir);
const world = await startPluginGateway({
  version: "2026.9.6",
  env: { MOVED_CLOCK_FILE: clockFile },
  prepare: (gateway) =>
    gateway.writeConfig((config) => {
      const { entries } = config["plugins"] as { entries: Record<string, { config?: object }> };
      entries["command-cron"] = {
        ...entries["command-cron"],
        config: { delivery: { backoffSeconds: TRIES }, retention: { runsPerJob: 100_000 } },
      };
    }),
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void world.close().finally(() => process.exit(1)));
}
const bad = await soak(world, clockFile).finally(() => world.close());
rmSync(workDir, { recursive: true });
process.exit(bad === 0 ? 0 : 1);
