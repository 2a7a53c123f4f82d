import { DEFAULT_APPROVAL } from "../../../schema/wire/steps.ts";
import { type Approved, fingerprint } from "../../executor/index.ts";
import { SECOND_MS } from "../../kernel/durations.ts";
import { sha256 } from "../../kernel/ids.ts";
import type { ApprovalRecord, JobDefinition, JobRecord, RunRecord } from "../../ledger/types.ts";
import { firstBytes } from "../../policy/text/index.ts";
import type { EngineDeps, Settings } from "../deps.ts";
import { commandSpec, type ParentFiles, type Rehearsals, textsOf } from "../run/index.ts";

/** Of what a plan prints; more than a person reads. */
const PLAN_MAX_BYTES = 32_768;

/** All that a person is asked to approve. */
export type Wanted = Required<Pick<ApprovalRecord, "hash" | "parts">> & Pick<ApprovalRecord, "plan">;

export interface RequestDeps {
  deps: EngineDeps;
  settings: Settings;
  parents: Pick<ParentFiles, "prepare">;
  rehearsals: Pick<Rehearsals, "perform">;
  /** Key of the hashes, base64. */
  key(): string;
}

/** Variables that are filled from secrets, by the references that stand for their values. */
export const referencesOf = ({ policy }: JobDefinition): Approved["references"] =>
  Object.fromEntries(Object.entries(policy?.env?.secrets ?? {}).map(([name, ref]) => [name, JSON.stringify(ref)]));

/**
 * Runs the plan of a job, if it has one, and then reads everything the command is made of. No secret is resolved for the
 * latter. Raises why there is nothing to approve.
 */
export async function wantedOf(room: RequestDeps, job: JobRecord, run: RunRecord, attempt: number): Promise<Wanted> {
  const { deps, settings, parents } = room;
  const { definition } = job;
  const plan = definition.policy?.approval?.plan === undefined ? undefined : await planOf(room, definition);
  const unresolved = { ...deps, resolveSecret: async () => "" };
  const variables = { ...run, runId: run.id, attempt };
  const spec = await commandSpec(unresolved, settings, definition, variables, await parents.prepare(run));
  const parts = await fingerprint(spec, { key: room.key(), references: referencesOf(definition) });
  const all = Object.entries(parts).sort(([left], [right]) => (left < right ? -1 : 1));
  return { hash: sha256(JSON.stringify([all, plan ?? null])), parts, ...(plan === undefined ? {} : { plan }) };
}

/** What the plan printed. It runs as the command would, with no other input and for a short time. */
async function planOf({ rehearsals }: RequestDeps, { policy = {}, ...definition }: JobDefinition): Promise<string> {
  const { verify: _verify, state: _state, approval, until: _until, ...rest } = policy;
  const { argv = [], timeoutSeconds = DEFAULT_APPROVAL.planTimeoutSeconds } = approval?.plan ?? {};
  const { input: _input, inputFrom: _from, ...payload } = definition.payload;
  const planned = { ...definition, payload: { ...payload, argv, timeoutSeconds }, policy: { ...rest } };
  const result = await rehearsals.perform(planned, "plan");
  const said = textsOf(result, PLAN_MAX_BYTES);
  const texts = [said("stdout"), said("stderr")].filter((stream) => stream.trim() !== "");
  const text = firstBytes(texts.join("\n"), PLAN_MAX_BYTES);
  if (result.outcome === "exited" && result.exitCode === 0) return text;
  const how = result.error?.message ?? (result.exitCode === null ? result.outcome : `exit code ${result.exitCode}`);
  const last = text.trim().split("\n").at(-1) ?? "";
  throw new Error(`its plan failed (${how})${last === "" ? "" : `: ${last}`}`);
}

export const expiryOf = ({ policy }: JobDefinition, nowMs: number): number =>
  nowMs + Math.round((policy?.approval?.expiresSeconds ?? DEFAULT_APPROVAL.expiresSeconds) * SECOND_MS);
