import { appendFileSync, readdirSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { errorText } from "../../../src/kernel/errors.ts";
import { askSteadily } from "../../lib/asking.ts";
import { auditRows } from "../../lib/audit-rows.ts";
import type { Bench } from "../../lib/bench.ts";
import { bar, figure, type Recorder, type RowSpec } from "../../lib/figure.ts";
import { fillerId, fillJobs, fillRuns } from "../../lib/fill.ts";
import type { BenchGateway } from "../../lib/gateway.ts";
import { inParallel, repeat } from "../../lib/repeat.ts";
import { residentBytes } from "../../lib/rss.ts";
import { median, quantile } from "../../lib/stats.ts";
import { ourRate } from "../throughput.ts";

const MB = 1_000_000;
const JOBS = 16;
/** So many runs of a job retention leaves; they are there from the beginning, so that the ledger has its size. */
const KEPT = 1_000;
const EVERY_SECOND = 8;
const SHARE = 0.5;
const [SAMPLE_MS, SHORT_SAMPLE_MS] = [30_000, 5_000];
/** What is asked for last has so long to end. */
const DRAIN_MS = 10_000;

const ROWS = {
  minutes: { label: "minutes that it lasted", unit: "count" },
  throughput: { label: "runs a second before it, 8 at a time", unit: "/s" },
  rate: { label: "runs asked for that ended a second, beside eight every-second jobs", unit: "/s" },
  p50: { label: "run asked for until its final row can be read, p50 of half a minute", unit: "ms" },
  p99: { label: "the same, p99 of half a minute", unit: "ms" },
  "loop-p99": { label: "event loop of the gateway, delay p99 of half a minute", unit: "ms" },
  "gateway-rss": { label: "memory of the gateway", unit: "MB" },
  "runner-rss": { label: "memory of the runner", unit: "MB" },
  "gateway-files": { label: "open files of the gateway", unit: "count" },
  "runner-files": { label: "open files of the runner", unit: "count" },
  ledger: { label: "ledger on disk, with its write-ahead log", unit: "MB" },
  late: { label: "firings of 8 every-second jobs that began over a second late, all in all", unit: "count" },
  lost: { label: "runs asked for or due that did not end well, all in all", unit: "count" },
} satisfies Record<string, RowSpec>;
type SteadyRow = keyof typeof ROWS;

export const steady = figure<SteadyRow>({
  name: "steady",
  title: "An hour at half of the throughput",
  onlyNamed: true,
  rows: ROWS,
  plots: [],
  lines: {
    file: "steady",
    title: "At half of the throughput",
    minutes: "steady.minutes",
    panels: [
      {
        label: "from asking to the final row",
        lines: [bar.ours("p50", "steady.p50"), bar.native("p99", "steady.p99")],
      },
      { label: "event loop of the gateway, p99", lines: [bar.ours("", "steady.loop-p99")] },
      {
        label: "memory",
        lines: [bar.ours("gateway", "steady.gateway-rss"), bar.native("runner", "steady.runner-rss")],
      },
      {
        label: "open files",
        lines: [bar.ours("gateway", "steady.gateway-files"), bar.native("runner", "steady.runner-files")],
      },
      { label: "ledger on disk", lines: [bar.ours("", "steady.ledger")] },
    ],
  },
  async measure(bench, record) {
    const gateway = await bench.gateway();
    await gateway.offline(async () => {
      await gateway.configure({ retention: { runsPerJob: KEPT } });
      const dir = join(gateway.gateway.stateDir, "command-cron", "ledger");
      fillJobs(dir, JOBS, fillerId);
      fillRuns(dir, JOBS * KEPT, JOBS);
    });
    const ids = Array.from({ length: JOBS }, (_, job) => fillerId(job));
    for (const id of ids) await gateway.ours.update(id, { policy: { overlap: "allow_all" } });
    await ourRate(gateway, ids, 200);
    const rates = await repeat(bench.quick ? 2 : 5, () => ourRate(gateway, ids, 500));
    for (const rate of rates) record("throughput", rate);
    const rate = median(rates) * SHARE;
    bench.say(`${Math.round(rate)} runs a second for ${bench.minutes} minutes`);
    await soak(bench, gateway, ids, rate, record);
    await bench.retireGateway();
  },
});

async function soak(
  bench: Bench,
  gateway: BenchGateway,
  ids: readonly string[],
  rate: number,
  record: Recorder<SteadyRow>,
): Promise<void> {
  const samplesFile = join(tmpdir(), `command-cron-steady-${process.pid}.jsonl`);
  bench.say(`each sample goes to ${samplesFile}`);
  const everySecond = await inParallel(EVERY_SECOND, EVERY_SECOND, () =>
    gateway.ours.add({ argv: ["/bin/true"], schedule: { kind: "every", everyMs: 1_000 }, overlap: "allow_all" }),
  );
  const ledgerFile = join(gateway.gateway.stateDir, "command-cron", "ledger", "ledger.sqlite");
  const audit = auditRows(ledgerFile, everySecond);
  const asking = askSteadily(() => gateway.ours, ids, Math.max(1, rate - EVERY_SECOND));
  const beganAt = performance.now();
  const endsAt = beganAt + bench.minutes * 60_000;
  const minutesNow = (): number => (performance.now() - beganAt) / 60_000;
  const sampleMs = bench.minutes >= 20 ? SAMPLE_MS : SHORT_SAMPLE_MS;
  await gateway.probe.reset();
  let ended = audit.look();
  for (let at = beganAt + sampleMs; at <= endsAt; at += sampleMs) {
    await sleep(Math.max(0, at - performance.now()));
    try {
      const { eachMs, ...asked } = asking.take();
      const values = { ...sizes(gateway.pid, "gateway"), ...(await runnerSizes(gateway)) };
      Object.assign(values, {
        rate: (eachMs.length * 1_000) / sampleMs,
        p50: quantile(eachMs, 0.5),
        p99: quantile(eachMs, 0.99),
        "loop-p99": (await gateway.probe.reset()).p99,
        ledger: bytesOf(ledgerFile, `${ledgerFile}-wal`) / MB,
      });
      ended = audit.look();
      // The client keeps what it was told of; an hour of that is not of interest.
      gateway.ours.client.events.length = 0;
      appendFileSync(samplesFile, `${JSON.stringify({ minutes: minutesNow(), ...values, ...asked, ...ended })}\n`);
      for (const [row, value] of Object.entries(values)) if (Number.isFinite(value)) record(row as SteadyRow, value);
    } catch (error) {
      bench.say(`a sample is missing at minute ${minutesNow().toFixed(1)}: ${errorText(error)}`);
    }
  }
  record("minutes", minutesNow());
  asking.stop();
  try {
    await inParallel(EVERY_SECOND, EVERY_SECOND, (index) => gateway.ours.remove(everySecond[index] ?? ""));
    await sleep(DRAIN_MS);
    ended = audit.look(true);
  } catch (error) {
    bench.say(`the end could not be looked at: ${errorText(error)}`);
  }
  audit.close();
  const { asked, refused, held } = asking.take();
  if (held > 0) bench.say(`${held} runs were not asked for: too many were under way`);
  record("late", ended.late);
  record("lost", asked - ended.asked + refused + ended.due - ended.fired);
}

const bytesOf = (...files: string[]): number =>
  files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);

const sizes = (pid: number, whose: "gateway" | "runner"): Record<string, number> => ({
  [`${whose}-rss`]: residentBytes(pid) / MB,
  [`${whose}-files`]: readdirSync(`/proc/${pid}/fd`).length,
});

async function runnerSizes({ ours }: BenchGateway): Promise<Record<string, number>> {
  const { pid } = (await ours.status()).runner;
  return pid === undefined ? {} : sizes(pid, "runner");
}
