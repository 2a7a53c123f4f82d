import type { Config } from "../../../schema/wire/config.ts";
import type { EngineDeps, GatewayCron, GatewayJob, GatewayRun } from "../../../src/engine/index.ts";
import { settle } from "../../helpers/clock.ts";
import { startTestEngine, type TestEngine } from "../../helpers/engine.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const OPS = { mode: "announce", channel: "irc", to: "#ops" } as const;

/** A gateway's own cron as far as it is looked at: its jobs, its history, and whether that can be read. */
export interface FakeGateway {
  jobs: GatewayJob[];
  history: GatewayRun[];
  /** The history can be asked for. */
  readable: boolean;
  asked: number;
  source: GatewayCron;
}

export function createFakeGateway(): FakeGateway {
  const gateway: FakeGateway = {
    jobs: [],
    history: [],
    readable: true,
    asked: 0,
    source: {
      jobs: async () => structuredClone(gateway.jobs),
      async ends({ limit, offset }) {
        gateway.asked += 1;
        if (!gateway.readable) throw new Error("the plugin cannot ask");
        const all = [...gateway.history].sort((one, other) => (other.ts ?? 0) - (one.ts ?? 0));
        return { entries: all.slice(offset, offset + limit), hasMore: all.length > offset + limit };
      },
    },
  };
  return gateway;
}

export interface Observing {
  test: TestEngine;
  gateway: FakeGateway;
  /** A job of the gateway that comes every so often; the first time that much after now. */
  add(name: string, everyMs: number, more?: Partial<GatewayJob>): GatewayJob;
  /** The gateway runs a job now: its state, its history, and unless nobody hears it, its event. */
  run(job: GatewayJob, end?: Partial<GatewayRun> & { heard?: boolean }): Promise<void>;
  /** Something changed; it is looked at. */
  look(): Promise<void>;
  said(): string[];
  causes(): string[];
}

export async function observe(config: Config = {}, deps: Partial<EngineDeps> = {}): Promise<Observing> {
  const gateway = createFakeGateway();
  const test = await startTestEngine({
    config: { alerts: { destination: OPS, after: 2 }, ...config },
    deps: { gatewayCron: gateway.source, ...deps },
  });
  const self: Observing = {
    test,
    gateway,
    add(name, everyMs, more = {}) {
      const nowMs = test.clock.nowMs();
      const job: GatewayJob = {
        ...{ id: `id-${name}`, name, enabled: true, createdAtMs: nowMs, updatedAtMs: nowMs },
        schedule: { kind: "every", everyMs, anchorMs: nowMs },
        ...{ payload: { kind: "agentTurn" }, sessionTarget: "isolated", state: { nextRunAtMs: nowMs + everyMs } },
        ...more,
      };
      gateway.jobs.push(job);
      return job;
    },
    async run(job, { heard = true, ...end } = {}) {
      const nowMs = test.clock.nowMs();
      const everyMs = Number(job.schedule?.["everyMs"] ?? DAY);
      const durationMs = end.durationMs ?? 1_000;
      const status = end.status ?? "ok";
      const due = job.state?.nextRunAtMs ?? nowMs;
      const nextRunAtMs = due > nowMs ? due : due + (Math.floor((nowMs - due) / everyMs) + 1) * everyMs;
      job.state = { nextRunAtMs, lastRunAtMs: nowMs, lastRunStatus: status, lastDurationMs: durationMs };
      const entry: GatewayRun = {
        ...{
          jobId: job.id,
          runId: `run-${job.id}-${nowMs}`,
          runAtMs: nowMs,
          ts: nowMs + durationMs,
          durationMs,
          status,
        },
        ...{ completionStatus: status === "ok" ? "succeeded" : "failed", deliveryStatus: "not-requested", ...end },
      };
      gateway.history.push(entry);
      if (heard) test.engine.gatewayJobChanged({ ...entry, job });
      await self.look();
    },
    async look() {
      test.engine.gatewayJobChanged();
      await test.clock.advance(1_000);
      await settle();
    },
    said: () => test.sent.map(({ text }) => text),
    causes: () => test.engine.alerts({ openOnly: true, limit: 100, offset: 0 }).alerts.map(({ cause }) => cause),
  };
  await self.look();
  return self;
}
