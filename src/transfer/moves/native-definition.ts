import type { JobInput } from "../../../schema/wire/job.ts";
import { present } from "../../kernel/present.ts";
import type { JobRecord } from "../../ledger/types.ts";
import type { NativeDefinition, NativeJob } from "./native-port.ts";

/** What both sides write in the same words. */
const SHARED = [
  "name",
  "declarationKey",
  "displayName",
  "description",
  "enabled",
  "deleteAfterRun",
  "agentId",
  "sessionKey",
  "schedule",
  "sessionTarget",
  "wakeMode",
  "payload",
  "delivery",
  "failureAlert",
] as const;
/** Belongs to the gateway's bookkeeping. */
const BOOKKEEPING = [
  "id",
  "createdAtMs",
  "updatedAtMs",
  "configRevision",
  "state",
  "createdActor",
  "scheduledToolPolicy",
];

const KEPT = /^Kept by command-cron\b.*\n?/m;
const HISTORY = /\n?^Runs before \S+: openclaw cron runs \S+$/m;

/** The gateway's description of a job that has moved here: what happened to it and how to get it back. */
export function keptDescription(job: NativeJob): string {
  const before = (job.description ?? "").replace(KEPT, "");
  return `Kept by command-cron; give it back with: openclaw command-cron release ${job.id}\n${before}`.trimEnd();
}

/** Declaration keys the gateway uses for jobs of its own, such as its scheduled backup; it treats those jobs specially. */
const GATEWAY_KEYS = /^(openclaw-|claw:)/;

export const belongsToGateway = (declarationKey: unknown): boolean =>
  typeof declarationKey === "string" && GATEWAY_KEYS.test(declarationKey.trim());

/** Whether the gateway's job is one that has moved here. */
export const isKept = (job: NativeJob): boolean => KEPT.test(job.description ?? "");

/** Our description of a job that has come from there: where its earlier runs are. */
export function adoptedDescription(job: NativeJob, nowMs: number): string {
  const pointer = `Runs before ${new Date(nowMs).toISOString().slice(0, 10)}: openclaw cron runs ${job.id}`;
  return [(job.description ?? "").replace(KEPT, ""), pointer].filter((part) => part !== "").join("\n");
}

/** Tools are for jobs in which an agent or a script takes part; to a command they mean nothing. */
const IDLE_PAYLOAD = ["toolsAllow", "toolsAllowIsDefault"];

const without = (fields: object, names: string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));

/** A native job as our validator takes it, and which of its fields have no place here. */
export function fromNative(job: NativeJob): { input: Record<string, unknown>; left: string[]; hasOwner: boolean } {
  const fields: Record<string, unknown> = { ...job, payload: without(job.payload, IDLE_PAYLOAD) };
  const known = new Set<string>([...SHARED, ...BOOKKEEPING, "owner"]);
  return {
    input: present(Object.fromEntries(SHARED.map((field) => [field, fields[field]]))),
    left: Object.keys(present(fields)).filter((field) => !known.has(field)),
    hasOwner: fields["owner"] !== undefined,
  };
}

/** A job of ours as the gateway stores it, and what it has no words for. */
export function toNative(job: JobRecord, enabled: boolean): { definition: NativeDefinition; left: string[] } {
  const { policy, delivery, description, schedule, managedBy, tags, ...rest } = job.definition;
  const { also, ...own } = delivery ?? { mode: "none" };
  const text = description?.replace(HISTORY, "");
  const definition: Omit<JobInput, "policy"> = {
    ...rest,
    // Where the intervals count from must not move.
    schedule: schedule.kind === "every" ? { ...schedule, anchorMs: schedule.anchorMs ?? job.createdAtMs } : schedule,
    sessionTarget: rest.sessionTarget ?? "isolated",
    wakeMode: rest.wakeMode ?? "now",
    delivery: own,
  };
  return {
    definition: { ...present({ ...definition, description: text === "" ? undefined : text }), id: job.id, enabled },
    left: [
      ...Object.keys(policy ?? {}).map((name) => `policy.${name}`),
      ...(also === undefined || also.length === 0 ? [] : ["delivery.also"]),
      ...(managedBy === undefined ? [] : ["managedBy"]),
      ...(tags === undefined ? [] : ["tags"]),
    ],
  };
}
