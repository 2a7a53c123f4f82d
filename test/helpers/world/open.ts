import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JobInput } from "../../../schema/wire/job.ts";
import type { GatewayJob } from "../../../src/engine/index.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/kernel/durations.ts";
import { createDispatcher } from "../../../src/rpc/index.ts";
import { createFakeGateway } from "../../engine/observed/gateway.ts";
import { createFakeClock, type FakeClock, settle } from "../clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../engine.ts";
import { type PageServer, startPageServer } from "../page.ts";
import { fillPastDays, writeLog } from "./fill.ts";

/** A Tuesday, twenty to eight. */
const NOW_MS = Date.UTC(2027, 0, 5, 7, 40);
const LIVE_MS = 26 * MINUTE_MS;

export interface World {
  test: TestEngine;
  server: PageServer;
  clock: FakeClock;
  call<T>(method: string, params?: object): Promise<T>;
  close(): Promise<void>;
}

const OPS = { mode: "announce", channel: "telegram", to: "-100200300" } as const;
const HOOK = { mode: "webhook", to: "https://hooks.example.org/cron" } as const;
const TEAM = { mode: "announce", channel: "slack", to: "#shop" } as const;

/** The page over a real engine whose clock stands at one morning, with about seventy jobs, or none. */
export async function openWorld({ file, empty = false }: { file: string; empty?: boolean }): Promise<World> {
  const clock = createFakeClock(NOW_MS - LIVE_MS);
  const stateDir = mkdtempSync(join(tmpdir(), "cc-world-"));
  if (!empty) await fillPastDays(stateDir, { clock });
  const gateway = createFakeGateway();
  if (!empty) gateway.jobs.push(...gatewayJobs(clock.nowMs()));
  const test = await startTestEngine({
    clock,
    config: {
      concurrency: 6,
      pools: { tape: 1 },
      alerts: { destination: OPS, after: 2 },
      destinations: { ops: OPS, shop: TEAM },
    },
    deps: { stateDir, gatewayCron: gateway.source },
    answer: ({ mode, text }) => {
      if (mode === "webhook") return { kind: "failed", permanent: false, error: "503 Service Unavailable" };
      if (text.includes("newsletter")) return { kind: "unknown", error: "the gateway ended before the answer came" };
      if (text.includes("invoice")) return { kind: "failed", permanent: true, error: "channel_not_found" };
      return { kind: "sent", messageIds: ["1"] };
    },
  });
  const dispatcher = createDispatcher(() => test.engine);
  const call = async <T>(method: string, params: object = {}): Promise<T> =>
    (await dispatcher.dispatch(`cron.command.${method}`, params, CALLER)) as T;
  if (!empty) await live(test, call);
  else await clock.advance(LIVE_MS);
  const server = await startPageServer({ dispatcher, clock, engine: test.engine, file });
  return {
    ...{ test, server, clock, call },
    async close() {
      await server.close();
      await test.stop();
    },
  };
}

function gatewayJobs(nowMs: number): GatewayJob[] {
  const job = (name: string, kind: string, everyMs: number, state: GatewayJob["state"]): GatewayJob => ({
    ...{ id: `gw-${name.replaceAll(" ", "-")}`, name, enabled: true, sessionTarget: "isolated" },
    ...{ createdAtMs: nowMs - 30 * 24 * HOUR_MS, updatedAtMs: nowMs, payload: { kind } },
    schedule: { kind: "every", everyMs, anchorMs: nowMs },
    ...(state === undefined ? {} : { state }),
  });
  const ran = (agoMs: number, rest: GatewayJob["state"] = {}) => ({
    ...{ lastRunAtMs: nowMs - agoMs, lastRunStatus: "ok", lastDurationMs: 41_000, nextRunAtMs: nowMs + 2 * HOUR_MS },
    ...rest,
  });
  return [
    job("morning briefing", "agentTurn", 24 * HOUR_MS, ran(40 * MINUTE_MS)),
    job("summarise the inbox", "agentTurn", HOUR_MS, {
      ...ran(50 * MINUTE_MS),
      ...{ lastRunStatus: "error", lastError: "model answered 529 overloaded" },
    }),
    job("remind of the standup", "systemEvent", 24 * HOUR_MS, ran(20 * HOUR_MS)),
  ];
}

const TAKES_MS = 180;
const PLAN = "2 services change: shop 4.1.2 -> 4.2.0, search 1.9 -> 2.0\n1 migration: orders\n";
const QUIET = { mode: "none" } as const;
type Call = World["call"];

/** What goes on this morning: a run that says how far it is, one that stalls, one that waits, two that ask a person, messages. */
async function live(test: TestEngine, call: Call): Promise<void> {
  const { clock, runner } = test;
  const once = { kind: "cron", expr: "30 22 * * *" } as const;
  const make = async (name: string, argv: string[], rest: Partial<JobInput> = {}): Promise<string> => {
    const job = { name, schedule: once, payload: { kind: "command", argv }, delivery: QUIET, ...rest };
    return (await call<{ id: string }>("add", job)).id;
  };
  /** Starts without an end of its own; answers the attempt's key. */
  const start = async (id: string): Promise<string> => {
    const before = new Set(runner.running.keys());
    await call("run", { id });
    await clock.advance(0);
    await settle(10);
    const key = [...runner.running.keys()].find((one) => !before.has(one)) ?? "";
    kept.add(key);
    return key;
  };
  const kept = new Set<string>();
  /** What comes due meanwhile takes a moment and is well, but for what failed all night. */
  const pass = async (minutes: number): Promise<void> => {
    for (let step = 0; step < minutes; step += 1) {
      await clock.advance(MINUTE_MS);
      await settle(2);
      const started = [...runner.running].filter(([key]) => !kept.has(key));
      await clock.advance(TAKES_MS);
      for (const [key, { argv }] of started) {
        const fails = argv[0] === "check-replica";
        const startedAtMs = clock.nowMs() - TAKES_MS;
        if (argv.includes("--dry-run")) {
          runner.end(key, { startedAtMs, out: PLAN });
          continue;
        }
        const says = fails ? { exitCode: 1, err: "replica db-2 is 1,912 s behind\n" } : { out: "load 0.42\n" };
        const { out = "", err = "" } = says;
        await writeLog(test.deps.stateDir, {
          runId: key.split(".")[0] ?? "",
          atMs: clock.nowMs(),
          out: out.trim(),
          err: err.trim(),
        });
        runner.end(key, { startedAtMs, ...says });
      }
      await settle(2);
    }
  };

  const archive = await make("copy archive to tape", ["tape-copy", "/srv/archive"], {
    tags: ["storage"],
    policy: { pool: "tape", progress: {} },
    payload: { kind: "command", argv: ["tape-copy", "/srv/archive"], timeoutSeconds: 14_400 },
  });
  const mailboxes = await make("migrate mailboxes", ["migrate", "--all"], {
    tags: ["mail"],
    payload: { kind: "command", argv: ["migrate", "--all"], timeoutSeconds: 0 },
    policy: { progress: { stallSeconds: 600 } },
  });
  const photos = await make("sync photos", ["rclone", "sync", "photos:", "/srv/photos"], {
    payload: { kind: "command", argv: ["rclone", "sync", "photos:", "/srv/photos"], timeoutSeconds: 7_200 },
  });
  const verify = await make("verify tape", ["tape-verify"], { tags: ["storage"], policy: { pool: "tape" } });
  const upload = await make("upload stock to market place", ["upload-stock"], {
    tags: ["shop"],
    delivery: TEAM,
    policy: { retry: { maxAttempts: 3, delaySeconds: 600 } },
  });
  const archiveKey = await start(archive);
  const mailKey = await start(mailboxes);
  const photoKey = await start(photos);
  await start(verify);
  runner.tellProgress(mailKey, {
    ...{ atMs: clock.nowMs(), elapsedMs: 60_000, movedAtMs: clock.nowMs() },
    ...{ done: 3, total: 210, percent: 1, message: "mailbox of office@example.org", key: "3" },
  });
  await pass(2);
  const first = { percent: 3, elapsedMs: 2 * MINUTE_MS };
  const uploadKey = await start(upload);
  runner.end(uploadKey, { exitCode: 7, out: "connecting\n", err: "market place answered 502\n" });
  const told = { delivery: TEAM };
  for (const [name, out] of [
    ["send newsletter", "newsletter: 1,204 recipients"],
    ["send invoices", "invoice run 2027-01: 88 sent"],
    ["daily figures", "orders 1,204\nrevenue 38,112.40\nreturns 12"],
  ] as const) {
    const id = await make(name, [name.replaceAll(" ", "-")], { ...told, tags: ["office"] });
    runner.end(await start(id), { out: `${out}\n` });
    await pass(1);
  }
  const hook = await make("stock level", ["stock-level"], { delivery: HOOK, tags: ["shop"] });
  runner.end(await start(hook), { out: "all shelves full\n" });
  const stopped = await make("reindex wiki", ["reindex", "wiki"], {});
  await start(stopped);
  await pass(1);
  await call("cancel", { id: stopped });
  const deploy = await make("deploy shop", ["deploy", "--to", "production"], {
    tags: ["shop", "deploy"],
    policy: {
      risk: "write_external",
      verify: { argv: ["curl", "-fsS", "https://shop.example.org/health"] },
      approval: { required: true, reason: "Changes what customers see.", plan: { argv: ["deploy", "--dry-run"] } },
    },
  });
  await call("run", { id: deploy });
  await pass(2);
  const purge = await make("purge customer data", ["purge", "--older-than", "10y"], {
    policy: { approval: { required: true, expiresSeconds: 7_200 }, risk: "write_local" },
  });
  await start(purge);
  await pass(15);
  runner.tellProgress(archiveKey, {
    ...{ atMs: clock.nowMs(), elapsedMs: 20 * MINUTE_MS, movedAtMs: clock.nowMs(), first },
    ...{ done: 86, total: 205, percent: 42, message: "copying 2019/summer", key: "86", next: "verifying" },
  });
  runner.tellProgress(photoKey, {
    ...{ atMs: clock.nowMs(), elapsedMs: 20 * MINUTE_MS, movedAtMs: clock.nowMs() },
    ...{ message: "IMG_20261224_180312.jpg", level: "warn", key: "9" },
  });
  await pass(2);
}
