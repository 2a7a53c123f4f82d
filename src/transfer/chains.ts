import { setImmediate } from "node:timers/promises";
import { MAX_LEVELS } from "../../schema/limits.ts";
import type { JobInput } from "../../schema/wire/job.ts";
import { checkChain, checkRisk, checkStillChecked, isCheckOf, waitingFor, withParentId } from "../engine/jobs/index.ts";
import { errorText } from "../kernel/errors.ts";
import { newId } from "../kernel/ids.ts";
import { takenBack } from "../ledger/index.ts";
import type { JobDefinition, Ledger } from "../ledger/types.ts";
import type { ImportRow } from "./api.ts";

/** What becomes of one entry of a file. */
export interface PlannedEntry {
  row: ImportRow;
  /** What to store; absent when nothing is to be stored. */
  input?: JobInput;
  /** The stored job the entry stands for. */
  id?: string;
}

const parentRefOf = ({ input }: PlannedEntry): string | undefined =>
  input?.schedule.kind === "after" ? input.schedule.job : undefined;

/** Entries by what a follower may call them: key, else name. */
function named(steps: readonly PlannedEntry[]): Map<string, PlannedEntry> {
  const names = new Map<string, PlannedEntry>();
  for (const step of steps) if (step.input !== undefined) names.set(step.input.name, step);
  for (const step of steps) if (step.input?.declarationKey !== undefined) names.set(step.input.declarationKey, step);
  return names;
}

/**
 * Refuses the followers whose chains could not be stored, and the removals that would leave a follower without its parent:
 * all of it is stored as the file says, looked at, and taken back.
 */
export function refuseBrokenChains(ledger: Ledger, steps: readonly PlannedEntry[]): void {
  const followers = steps.filter((step) => parentRefOf(step) !== undefined);
  const removals = steps.filter(({ row }) => row.action === "remove");
  if (followers.length === 0 && removals.length === 0) return;
  const names = named(steps);
  const parents = followers.flatMap((step) => names.get(parentRefOf(step) ?? "") ?? []);
  const moved = steps.filter(({ row, id }) => row.action === "update" && id !== undefined);
  takenBack(ledger, () => {
    const ids = new Map<PlannedEntry, string>();
    for (const step of new Set([...parents, ...followers, ...moved])) ids.set(step, place(ledger, step));
    for (const step of followers) attempt(step, () => put(ledger, ids.get(step) ?? "", step));
    for (const step of followers) {
      const job = ledger.jobs.get(ids.get(step) ?? "");
      if (job === undefined || step.row.action === "refused") continue;
      attempt(step, () => checkChain(ledger, job.definition, job.id));
    }
    const leaving = new Set(removals.map(({ id }) => id));
    for (const step of removals) {
      const left = waitingFor(ledger, step.id ?? "").filter(({ id }) => !leaving.has(id));
      if (left.length > 0)
        refuse(step, `jobs that stay follow it: ${left.map((job) => job.definition.name).join(", ")}`);
    }
  });
}

function refuse({ row }: PlannedEntry, error: unknown): void {
  row.action = "refused";
  row.detail = errorText(error);
}

/** Refuses the entry for what the work raises. */
function attempt(step: PlannedEntry, work: () => void): void {
  try {
    work();
  } catch (error) {
    refuse(step, error);
  }
}

function definitionOf({ input }: PlannedEntry): JobDefinition {
  const { enabled: _enabled, agentId: _agent, sessionKey: _session, ...definition } = input as JobInput;
  return definition;
}

function place(ledger: Ledger, step: PlannedEntry): string {
  const id = step.id ?? newId();
  if (ledger.jobs.get(id) !== undefined) put(ledger, id, step);
  else {
    const { row } = step;
    ledger.jobs.insert({
      id,
      origin: "plugin",
      definition: definitionOf(step),
      enabled: row.enabled === true,
      createdAtMs: 0,
      cursorMs: 0,
    });
  }
  return id;
}

/** As the file has it, its parent by id where that is known. */
function put(ledger: Ledger, id: string, step: PlannedEntry): void {
  const expectedRevision = ledger.jobs.get(id)?.revision ?? 0;
  const definition = withParentId(ledger, definitionOf(step));
  ledger.jobs.replace(id, { definition, enabled: step.row.enabled === true, updatedAtMs: 0, expectedRevision });
}

/** What is to be stored, parents before their followers; each part may be stored in any order. */
export function byLevel(steps: readonly PlannedEntry[]): PlannedEntry[][] {
  const names = named(steps);
  const levels: PlannedEntry[][] = [];
  const levelOf = (step: PlannedEntry, seen: number): number => {
    const parent = names.get(parentRefOf(step) ?? "");
    return parent === undefined || seen > MAX_LEVELS ? 0 : 1 + levelOf(parent, seen + 1);
  };
  for (const step of steps) {
    const level = levelOf(step, 0);
    while (levels.length <= level) levels.push([]);
    levels[level]?.push(step);
  }
  return levels;
}

/** What is to be removed, followers before their parents. */
export const leavesFirst = (ledger: Ledger, removals: readonly PlannedEntry[]): PlannedEntry[] =>
  removals
    .map((step) => ({ step, below: ledger.jobs.levelsBelow(step.id ?? "", MAX_LEVELS) }))
    .sort((a, b) => a.below - b.below)
    .map(({ step }) => step);

/** Jobs handled between two turns of the event loop. */
const CHUNK = 50;

/** Works through a list in order, a few entries at a time, and lets other work of the process run in between. */
export async function inChunks<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += CHUNK) {
    results.push(...(await Promise.all(items.slice(from, from + CHUNK).map(work))));
    await setImmediate();
  }
  return results;
}

/** A write elsewhere that is to be on, and that nothing stored checks yet; `checkRisk` says why. */
export function uncheckedWrite(ledger: Ledger, step: PlannedEntry): unknown {
  if (step.input === undefined || step.input.enabled === false) return undefined;
  try {
    checkRisk(ledger, definitionOf(step), step.id);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Refuses the writes that neither the file nor what is stored has a check for. */
export function refuseUncheckedWrites(ledger: Ledger, steps: readonly PlannedEntry[]): void {
  const names = named(steps);
  const checked = new Set(
    steps.flatMap((step) =>
      step.input !== undefined && step.input.enabled !== false && step.row.action !== "refused" && isCheckOf(step.input)
        ? (names.get(parentRefOf(step) ?? "") ?? [])
        : [],
    ),
  );
  for (const step of steps) {
    const error = step.row.action === "refused" || checked.has(step) ? undefined : uncheckedWrite(ledger, step);
    if (error !== undefined) refuse(step, error);
  }
}

/** Refuses what would take its last check from a write that is stored and stays on. */
export function refuseLostChecks(ledger: Ledger, steps: readonly PlannedEntry[]): void {
  const wanted = steps.filter(({ row }) => row.action !== "refused");
  const checks = wanted.flatMap((step) => {
    const before = step.id === undefined ? undefined : ledger.jobs.get(step.id);
    return before !== undefined && isCheckOf(before.definition) ? [{ step, before }] : [];
  });
  if (checks.length === 0) return;
  takenBack(ledger, () => {
    const isWrite = ({ input }: PlannedEntry) => input?.policy?.risk === "write_external";
    const stored = wanted.filter(
      (step) =>
        isWrite(step) || (step.input !== undefined && isCheckOf(step.input)) || checks.some((one) => one.step === step),
    );
    for (const step of stored) if (step.input !== undefined) put(ledger, place(ledger, step), step);
    for (const { row, id } of wanted) if (row.action === "remove" && id !== undefined) ledger.jobs.remove(id);
    for (const { step, before } of checks) attempt(step, () => checkStillChecked(ledger, before));
  });
}
