import { SECOND_MS } from "../../kernel/durations.ts";
import { present } from "../../kernel/present.ts";
import type { ObservedJob } from "../../ledger/types.ts";
import type { GatewayJob } from "../deps.ts";

/** What the gateway and its plugins declare for themselves. */
const DECLARED = /^(?:heartbeat|skill-collection-review|memory-core):/;
const MANAGED = /^\[managed-by=/;

/** Whether the gateway keeps this job for itself: nobody asked for it, and nobody misses it. */
export const isHousekeeping = ({ payload, declarationKey, description }: GatewayJob): boolean =>
  payload?.kind === "heartbeat" || DECLARED.test(declarationKey ?? "") || MANAGED.test(description ?? "");

/** Tells whether a schedule was changed. */
export const scheduleKey = ({ schedule, enabled }: Pick<ObservedJob, "schedule" | "enabled">): string =>
  JSON.stringify([schedule, enabled || schedule["kind"] === "at"]);

const EMPTY = { runs: 0, ok: 0, error: 0, skipped: 0, missed: 0 };

/** A job as the gateway shows it, with what is remembered of it. */
export function standingOf(job: GatewayJob, before: ObservedJob | undefined): ObservedJob {
  const { payload, schedule, state = {}, createdAtMs = 0 } = job;
  const {
    nextDueMs: _due,
    runningAtMs: _running,
    ...kept
  } = before ?? {
    consecutiveOk: 0,
    consecutiveErrors: 0,
    consecutiveSkipped: 0,
    totals: EMPTY,
  };
  const timeoutSeconds = payload?.timeoutSeconds ?? 0;
  return {
    ...kept,
    id: job.id,
    name: job.name ?? job.id,
    kind: payload?.kind ?? "unknown",
    enabled: job.enabled !== false,
    main: job.sessionTarget === "main",
    toldByGateway: typeof job.failureAlert === "object" && job.failureAlert !== null,
    schedule: schedule ?? { kind: "unknown" },
    timeoutMs: timeoutSeconds > 0 ? timeoutSeconds * SECOND_MS : 0,
    createdAtMs,
    updatedAtMs: job.updatedAtMs ?? createdAtMs,
    ...present({ nextDueMs: state.nextRunAtMs, runningAtMs: state.runningAtMs }),
  };
}
