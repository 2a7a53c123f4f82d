import type { Gateway } from "../../test/helpers/gateway.ts";
import type { GatewayClient } from "../../test/helpers/gateway-client.ts";
import { type Caller, createCaller } from "./caller.ts";
import { HOURLY } from "./ours.ts";

interface NativeEnd {
  jobId: string;
  runId: string;
  runAtMs: number;
  /** When the event came, on this process's `performance.now()`. */
  seenAt: number;
}

/** The gateway's own command jobs, as a client sees them. */
export interface Native {
  add(job: NativeJob): Promise<{ id: string; anchorMs: number }>;
  update(id: string, patch: Record<string, unknown>): Promise<unknown>;
  remove(id: string): Promise<unknown>;
  /** Starts a run; answers when its `finished` event came, which is before its record can be read. */
  run(id: string): Promise<NativeEnd>;
  /** Only asks for the run. */
  enqueue(id: string): Promise<string>;
  ended(runId: string): Promise<NativeEnd>;
  /** Until the run's record can be read. */
  recorded(id: string, runId: string): Promise<void>;
  cancel(id: string): Promise<void>;
  /** Every end seen since the gateway came up. */
  ends: NativeEnd[];
  close(): Promise<void>;
}

export interface NativeJob {
  argv: string[];
  schedule?: Record<string, unknown>;
  outputMaxBytes?: number;
}

interface CronEvent {
  action: string;
  jobId: string;
  runId?: string;
  runAtMs?: number;
}

export async function openNative(gateway: Gateway): Promise<Native> {
  const ends: NativeEnd[] = [];
  const byRun = new Map<string, NativeEnd>();
  const waiting = new Map<string, (end: NativeEnd) => void>();
  const listener: GatewayClient = await gateway.connect({
    onEvent({ event, payload }) {
      const change = payload as CronEvent;
      if (event !== "cron" || change.action !== "finished") return;
      const runId = change.runId ?? "";
      const end = { jobId: change.jobId, runId, runAtMs: change.runAtMs ?? 0, seenAt: performance.now() };
      ends.push(end);
      byRun.set(runId, end);
      waiting.get(runId)?.(end);
      waiting.delete(runId);
    },
  });
  const caller: Caller = await createCaller(gateway);

  const ended = (runId: string): Promise<NativeEnd> => {
    const known = byRun.get(runId);
    return known === undefined ? new Promise((resolve) => waiting.set(runId, resolve)) : Promise.resolve(known);
  };
  const enqueue = async (id: string): Promise<string> =>
    (await caller.write<{ runId: string }>("cron.run", { id, mode: "force" })).runId;

  return {
    ends,
    async add({ argv, schedule = HOURLY, outputMaxBytes }) {
      const job = await caller.write<{ id: string; schedule: { anchorMs?: number } }>("cron.add", {
        name: "bench",
        enabled: true,
        schedule,
        sessionTarget: "isolated",
        wakeMode: "now",
        payload: { kind: "command", argv, ...(outputMaxBytes === undefined ? {} : { outputMaxBytes }) },
        delivery: { mode: "none" },
      });
      return { id: job.id, anchorMs: job.schedule.anchorMs ?? 0 };
    },
    update: (id, patch) => caller.write("cron.update", { id, patch }),
    remove: (id) => caller.write("cron.remove", { id }),
    async run(id) {
      return await ended(await enqueue(id));
    },
    enqueue,
    ended,
    async recorded(id, runId) {
      for (;;) {
        const { entries } = await caller.read<{ entries: unknown[] }>("cron.runs", { id, runId, limit: 1 });
        if (entries.length > 0) return;
      }
    },
    async cancel(id) {
      const { tasks } = await caller.read<{ tasks: { taskId: string; sourceId: string; status: string }[] }>(
        "tasks.list",
        { status: "running" },
      );
      const task = tasks.find(({ sourceId }) => sourceId === id);
      if (task === undefined) throw new Error(`no running task of ${id}`);
      await caller.read("tasks.cancel", { taskId: task.taskId, reason: "bench" });
    },
    async close() {
      await caller.close();
      await listener.close();
    },
  };
}
