import type { DeliveryEntry } from "../../../schema/wire/delivery.ts";
import type { Job } from "../../../schema/wire/job.ts";
import type { RunEntry } from "../../../schema/wire/run.ts";
import { formatDurationMs, SECOND_MS } from "../../kernel/durations.ts";
import type { Answer } from "../service.ts";

/** Of a log so much fits into one message of every channel. */
const TAIL_BYTES = 3_000;

/** One run, or a job's newest. */
type RunRef = { runId: string } | { ref: string };

/** Asks one method as the person who acts. */
type Ask = (method: string, params: Record<string, unknown>) => Promise<Answer>;

/** A refusal in the words of the error table, with its code. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export type Deeds = ReturnType<typeof createDeeds>;

/** What may be done from a chat, each answered in a sentence or two. Raises `Refused`. */
export function createDeeds(ask: Ask, nowMs: () => number) {
  async function call<T>(method: string, params: Record<string, unknown>): Promise<T> {
    const answer = await ask(`cron.command.${method}`, params);
    if (answer.ok) return answer.payload as T;
    const { code, details, message } = answer.error;
    throw new Refused((details as { code?: string } | undefined)?.code ?? code, message);
  }

  return {
    call,
    job: (id: string) => call<Job>("get", { id }),
    async delivery(deliveryId: string): Promise<DeliveryEntry> {
      const { deliveries } = await call<{ deliveries: DeliveryEntry[] }>("deliveries", { deliveryId });
      return deliveries[0] as DeliveryEntry;
    },

    async run(id: string, idempotencyKey?: string): Promise<string> {
      const asked = idempotencyKey === undefined ? { id } : { id, idempotencyKey };
      const { runId, reason } = await call<{ runId?: string; reason?: string }>("run", asked);
      if (runId === undefined) {
        if (reason === "already-running") return "It is running already; nothing was started.";
        return `Nothing was started: ${reason ?? "no reason known"}.`;
      }
      const { entries } = await call<{ entries: RunEntry[] }>("runs", { runId });
      const [entry] = entries;
      const by = entry?.requestedBy === undefined ? "" : `, asked for by ${entry.requestedBy}`;
      const state = entry === undefined ? "queued" : stateWords(entry);
      return `Run ${short(runId)} of ${entry?.jobName ?? id}${by}: ${state}.`;
    },

    async stop(ref: RunRef): Promise<string> {
      const { canceled } = await call<{ canceled: { runId: string; left: number }[] }>("cancel", ref);
      if (canceled.length === 0) return "Nothing is running there any more; nothing was stopped.";
      const left = canceled.reduce((sum, one) => sum + one.left, 0);
      const rest = left === 0 ? "" : `, ${left} processes could not be ended`;
      return `Stopped: ${canceled.map(({ runId }) => short(runId)).join(", ")}${rest}.`;
    },

    async silence(id: string, seconds: number): Promise<string> {
      const { alerts } = await call<{ alerts: { jobName?: string; snoozedUntilMs?: number }[] }>("alerts.snooze", {
        ref: id,
        forSeconds: seconds,
      });
      const until = new Date(nowMs() + seconds * SECOND_MS).toISOString().slice(0, 16).replace("T", " ");
      return `Silent about ${alerts[0]?.jobName ?? id} for ${formatDurationMs(seconds * SECOND_MS)}, until ${until} UTC.`;
    },

    async ack(id: string): Promise<string> {
      const { alerts } = await call<{ alerts: { jobName?: string }[] }>("alerts.ack", { ref: id });
      return `Acknowledged: ${[...new Set(alerts.map(({ jobName }) => jobName ?? id))].join(", ")}. Only its end is told.`;
    },

    async enable(job: Job, enabled: boolean): Promise<string> {
      if (job.enabled === enabled) return `${job.name} is ${enabled ? "on" : "off"} already.`;
      await call("update", { id: job.id, patch: { enabled } });
      const back = enabled ? "" : ` On again: /cron enable ${short(job.id)}`;
      return `${job.name} is ${enabled ? "on" : "off"} now.${back}`;
    },

    /** What was printed last, as it was. */
    async tail(ref: RunRef): Promise<string> {
      const { chunks } = await call<{ chunks: { dataBase64: string }[] }>("log", { ...ref, tailBytes: TAIL_BYTES });
      const bytes = Buffer.concat(chunks.map(({ dataBase64 }) => Buffer.from(dataBase64, "base64")));
      return bytes.subarray(-TAIL_BYTES).toString("utf8").trimEnd();
    },
  };
}

export const short = (id: string): string => id.slice(0, 8);

/** How a run stands, in a few words. */
export function stateWords(entry: RunEntry): string {
  if (entry.action !== "finished") return entry.runStatus;
  const took = entry.durationMs === undefined ? "" : ` after ${formatDurationMs(entry.durationMs)}`;
  const code = entry.exitCode === null ? "" : `, exit ${entry.exitCode}`;
  return `${entry.runStatus}${code}${took}`;
}
