import { setTimeout as sleep } from "node:timers/promises";
import { HELD_POOL } from "../host/engine.ts";
import type { Bench } from "../lib/bench.ts";
import { bar, figure, type RowSpec } from "../lib/figure.ts";
import type { BenchGateway } from "../lib/gateway.ts";
import { inParallel, repeat } from "../lib/repeat.ts";
import { median, quantile, slope } from "../lib/stats.ts";
import { bareTimers, spawningTimers } from "../lib/timer-control.ts";

const SECOND_MS = 1_000;
/** The command tells its own clock, in microseconds: lateness includes claim, hand-over, spawn and program start. */
const ARGV = ["date", "+%s%6N"];
const COUNTS = [1, 10, 100] as const;
type Count = (typeof COUNTS)[number];
/** Time for everything to be in place before the first instant that counts. */
const LEAD_MS = 3 * SECOND_MS;

const rowsFor = <N extends Count>(count: N) => {
  const jobs = count === 1 ? "1 job" : `${count} jobs`;
  return {
    [`ours-${count}-p50`]: { label: `Command Cron, ${jobs}: until the command itself runs, p50`, unit: "ms" },
    [`ours-${count}-p99`]: { label: `Command Cron, ${jobs}, p99`, unit: "ms" },
    [`ours-${count}-recorded-p99`]: { label: `Command Cron, ${jobs}: as recorded (claimed), p99`, unit: "ms" },
    [`ours-${count}-fired`]: { label: `Command Cron, ${jobs}: firings that happened`, unit: "%" },
    [`ours-${count}-drift`]: { label: `Command Cron, ${jobs}: growth of lateness in a minute`, unit: "ms" },
    [`spawn-${count}-p99`]: { label: `bare timer that spawns the same command, ${count} a second, p99`, unit: "ms" },
    [`timer-${count}-p99`]: { label: `bare timer, ${count} a second, p99`, unit: "ms" },
    [`native-${count}-p99`]: { label: `the gateway's own, ${jobs}: behind its own grid, p99`, unit: "ms" },
    [`native-${count}-fired`]: { label: `the gateway's own, ${jobs}: firings that happened`, unit: "%" },
  } as Record<RowsOf<N>, RowSpec>;
};
type RowsOf<N extends Count> =
  | `ours-${N}-${"p50" | "p99" | "recorded-p99" | "fired" | "drift"}`
  | `${"timer" | "spawn"}-${N}-p99`
  | `native-${N}-${"p99" | "fired"}`;

export const lateness = figure({
  name: "lateness",
  title: "Lateness of every-second jobs",
  rows: {
    ...rowsFor(1),
    ...rowsFor(10),
    ...rowsFor(100),
    "gateway-stall": { label: "longest stall of the gateway's event loop in that minute", unit: "ms" },
    "beside-10k-fired": { label: "Command Cron, 1 job beside 10,000 idle hourly jobs: firings", unit: "count" },
    "beside-10k-due": { label: "instants due in that time", unit: "count" },
    "beside-10k-p99": { label: "its lateness as recorded, p99", unit: "ms" },
    "beside-holder-worst": {
      label: "the same job while another fills a pool of its own for that minute: worst",
      unit: "ms",
    },
    "timer-worst": { label: "bare timer in that minute, worst", unit: "ms" },
    "same-instant-p50": { label: "Command Cron, 100 jobs due at the same instant, 8 at a time, p50", unit: "ms" },
    "same-instant-p99": { label: "the same, p99", unit: "ms" },
  },
  plots: [
    {
      file: "lateness",
      title: "Lateness of jobs due every second, p99, milliseconds",
      scale: "log",
      groups: COUNTS.map((count) => ({
        label: count === 1 ? "1 job" : `${count} jobs`,
        bars: [
          bar.ours("Command Cron", `lateness.ours-${count}-p99`),
          bar.native("the gateway's own", `lateness.native-${count}-p99`),
          bar.control("bare timer and spawn", `lateness.spawn-${count}-p99`),
        ],
      })),
    },
  ],
  async measure(bench, record) {
    const minuteMs = bench.quick ? 10 * SECOND_MS : 60 * SECOND_MS;
    const shortMs = 5 * SECOND_MS;
    const gateway = await bench.gateway();

    /** All sets over the same minute. */
    async function ours(): Promise<void> {
      const fromMs = nextSecond();
      const sets = await repeat(COUNTS.length, (index) => addOurs(gateway, fromMs, COUNTS[index] ?? 1));
      await gateway.probe.reset();
      const late = await Promise.all(COUNTS.map((count) => bareTimers(count, fromMs, fromMs + minuteMs)));
      record("gateway-stall", (await gateway.probe.read()).max);
      await sleep(SECOND_MS);
      for (const [index, count] of COUNTS.entries()) {
        const firings = await collect(gateway, sets[index] ?? [], fromMs, fromMs + minuteMs);
        const [byCommand, byRecord] = [firings.map(({ late }) => late), firings.map(({ recorded }) => recorded)];
        record(`ours-${count}-p50`, quantile(byCommand, 0.5));
        record(`ours-${count}-p99`, quantile(byCommand, 0.99));
        record(`ours-${count}-recorded-p99`, quantile(byRecord, 0.99));
        record(`ours-${count}-fired`, (100 * firings.length) / (count * (minuteMs / SECOND_MS)));
        record(`ours-${count}-drift`, slope(bySecond(firings)) * 60);
        record(`timer-${count}-p99`, quantile(late[index] ?? [], 0.99));
      }
      record("timer-worst", Math.max(...(late[0] ?? [])));
      await Promise.all(sets.flat().map((id) => gateway.ours.remove(id)));
    }

    const beside = besideTenThousand(bench, minuteMs);
    await beside.ready;
    const [, firing] = await Promise.all([ours(), beside.watch()]);
    record("beside-10k-fired", firing.fired);
    record("beside-10k-due", firing.due);
    record("beside-10k-p99", quantile(firing.late, 0.99));
    record("beside-holder-worst", Math.max(...firing.late));

    const spawnFromMs = nextSecond();
    const bare = await Promise.all(
      COUNTS.map((count) => spawningTimers(count, spawnFromMs, spawnFromMs + shortMs, ARGV)),
    );
    for (const [index, count] of COUNTS.entries()) record(`spawn-${count}-p99`, quantile(bare[index] ?? [], 0.99));

    const fromMs = nextSecond();
    const together = await addOurs(gateway, fromMs, 100, 0);
    await sleep(fromMs + 5 * SECOND_MS - Date.now() + 500);
    const late = (await collect(gateway, together, fromMs, fromMs + 5 * SECOND_MS)).map((firing) => firing.late);
    record("same-instant-p50", quantile(late, 0.5));
    record("same-instant-p99", quantile(late, 0.99));
    await Promise.all(together.map((id) => gateway.ours.remove(id)));

    for (const count of COUNTS) {
      const seen = await watchNative(gateway, count, shortMs);
      record(`native-${count}-p99`, quantile(seen.late, 0.99));
      record(`native-${count}-fired`, (100 * seen.late.length) / (count * (shortMs / SECOND_MS)));
    }
  },
});

const nextSecond = (): number => Math.ceil((Date.now() + LEAD_MS) / SECOND_MS) * SECOND_MS;

/** Jobs due every second from an instant on, spread over the second. */
const addOurs = ({ ours }: BenchGateway, fromMs: number, count: number, spreadMs = SECOND_MS): Promise<string[]> =>
  inParallel(count, 8, (index) =>
    ours.add({
      argv: ARGV,
      schedule: { kind: "every", everyMs: SECOND_MS, anchorMs: fromMs + Math.round((index * spreadMs) / count) },
    }),
  );

interface Firing {
  dueMs: number;
  /** By the clock of the command. */
  late: number;
  /** By the run's own record. */
  recorded: number;
}

async function collect(
  { ours }: BenchGateway,
  ids: readonly string[],
  fromMs: number,
  untilMs: number,
): Promise<Firing[]> {
  const perJob = await repeat(ids.length, async (index) => {
    const runs = await ours.runs(ids[index] ?? "");
    return runs.flatMap(({ scheduledForMs, latenessMs, stdout, runStatus }) =>
      scheduledForMs === null || scheduledForMs < fromMs || scheduledForMs >= untilMs || runStatus !== "succeeded"
        ? []
        : [
            {
              dueMs: scheduledForMs,
              late: Number(stdout) / 1_000 - scheduledForMs,
              recorded: latenessMs ?? Number.NaN,
            },
          ],
    );
  });
  return perJob.flat();
}

/** Median lateness of each second, in order. */
function bySecond(firings: readonly Firing[]): number[] {
  const seconds = Map.groupBy(firings, ({ dueMs }) => Math.floor(dueMs / SECOND_MS));
  return [...seconds.keys()]
    .sort((a, b) => a - b)
    .map((key) => median((seconds.get(key) ?? []).map(({ late }) => late)));
}

/** One every-second job beside 10,000 hourly ones that are not due, and a pool that is full, in an engine of its own. */
function besideTenThousand(bench: Bench, forMs: number) {
  const ready = bench.host().then(async (host) => {
    await host.ask("import", { count: 10_000 });
    // One run fills the pool, and another waits for it all the time.
    for (const _ of ["fills", "waits"]) {
      const id = await host.ask("add", { argv: ["sleep", String(forMs / SECOND_MS + 10)], pool: HELD_POOL });
      await host.ask("run", { id });
    }
    return host;
  });
  return {
    ready,
    async watch() {
      const host = await ready;
      const fromMs = nextSecond();
      const id = await host.ask("add", { argv: ["true"], everyMs: SECOND_MS });
      await sleep(fromMs + forMs + SECOND_MS - Date.now());
      const { entries } = await host.ask("runs", { id });
      const due = entries.filter(({ scheduledForMs }) => scheduledForMs >= fromMs && scheduledForMs < fromMs + forMs);
      const fired = due.filter(({ runStatus }) => runStatus === "succeeded");
      await host.close();
      return { fired: fired.length, due: forMs / SECOND_MS, late: fired.map(({ latenessMs }) => latenessMs) };
    },
  };
}

/** How far each firing lies behind the last instant of the job's own grid: kind to an engine that skips instants. */
async function watchNative({ native }: BenchGateway, count: number, forMs: number): Promise<{ late: number[] }> {
  const fromMs = nextSecond() + (count > 50 ? 5 * SECOND_MS : 0);
  const jobs = await inParallel(count, 4, (index) =>
    native.add({
      argv: ARGV,
      schedule: { kind: "every", everyMs: SECOND_MS, anchorMs: fromMs + Math.round((index * SECOND_MS) / count) },
    }),
  );
  const anchors = new Map(jobs.map(({ id, anchorMs }) => [id, anchorMs]));
  await sleep(Math.max(0, fromMs + forMs + SECOND_MS - Date.now()));
  const late = native.ends.flatMap(({ jobId, runAtMs }) => {
    const anchorMs = anchors.get(jobId);
    return anchorMs === undefined || runAtMs < fromMs || runAtMs >= fromMs + forMs
      ? []
      : [(runAtMs - anchorMs) % SECOND_MS];
  });
  await inParallel(jobs.length, 8, (index) => native.remove(jobs[index]?.id ?? ""));
  return { late };
}
