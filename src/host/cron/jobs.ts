import { isDeepStrictEqual } from "node:util";
import type { Job, JobInput, JobPatch } from "../../../schema/wire/job.ts";
import { present } from "../../kernel/present.ts";
import { isRecord } from "../../kernel/record.ts";
import { saidBy } from "../../policy/definition/index.ts";
import { validateJob, validatePatch } from "../../rpc/index.ts";
import { belongsToGateway } from "../../transfer/moves/index.ts";
import type { Fields } from "./service.ts";
import { GATEWAY_SPREAD_MS, isSpreadByGateway, shownPayload, shownSchedule, withoutNote } from "./view.ts";

/** Schedules that are kept here; a job with another one stays with the gateway. */
const OUR_SCHEDULES = ["at", "every", "cron"];
/** Features of the gateway that command jobs here do not have; a job with one of them stays there. */
const THEIR_FIELDS = ["trigger", "pacing", "state"];
const THEIR_PAYLOAD_FIELDS = ["toolsAllow", "toolsAllowIsDefault"];

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

export const isCommand = (job: Fields | undefined): boolean =>
  isRecord(job?.["payload"]) && job["payload"]["kind"] === "command";

/** Whether a new job is one that this plugin can keep as it is meant. */
export function isOurs(input: Fields): boolean {
  const { payload, schedule } = input;
  return (
    isRecord(payload) &&
    payload["kind"] === "command" &&
    isRecord(schedule) &&
    OUR_SCHEDULES.includes(String(schedule["kind"])) &&
    !belongsToGateway(input["declarationKey"]) &&
    !THEIR_FIELDS.some((field) => isGiven(input[field])) &&
    !THEIR_PAYLOAD_FIELDS.some((field) => isGiven(payload[field]))
  );
}

/** A new job as the engine takes it. Raises what `validateJob` raises. */
export function toJobInput(input: Fields): JobInput {
  const { id, trigger, pacing, state, ...rest } = input;
  return validateJob(
    present({
      ...rest,
      schedule: withoutSpread(rest["schedule"] as Fields),
      description: withoutNote(rest["description"]) || undefined,
    }),
  );
}

/** The gateway fills its own spread into a new job that names none before anyone sees it; here such a job runs exactly. */
function withoutSpread(schedule: Fields): Fields {
  const { staggerMs, ...rest } = schedule;
  const filledIn = staggerMs === GATEWAY_SPREAD_MS && isSpreadByGateway(String(schedule["expr"]));
  return schedule["kind"] === "cron" && filledIn ? rest : schedule;
}

/**
 * A job that is declared again: its schedule, payload, delivery, display name and, if it says so, whether it is enabled
 * become what the declaration says; the rest stays. The gateway's rule.
 */
export function redeclare(stored: Job, input: JobInput, enabledExplicit: boolean, nowMs: number): JobInput {
  const { id, state, createdAtMs, updatedAtMs, configRevision, staggerOffsetMs, parentName, displayName, ...kept } =
    saidBy(stored);
  const also = stored.delivery?.also;
  return {
    ...kept,
    ...(input.displayName === undefined ? {} : { displayName: input.displayName }),
    schedule: keepTiming(input.schedule, stored.schedule, nowMs) as JobInput["schedule"],
    payload: input.payload,
    delivery: { ...(input.delivery ?? { mode: "announce" }), ...(also === undefined ? {} : { also }) },
    enabled: enabledExplicit ? (input.enabled ?? true) : stored.enabled,
  };
}

/** What an edit leaves unsaid about timing stays as it was, as long as the interval or expression does. */
function keepTiming(next: Fields, before: Fields, nowMs: number): Fields {
  const same = next["kind"] === before["kind"];
  if (next["kind"] === "cron" && same && next["staggerMs"] === undefined && next["expr"] === before["expr"]) {
    return present({ ...next, staggerMs: before["staggerMs"] });
  }
  if (next["kind"] === "every" && next["anchorMs"] === undefined) {
    const kept = same && next["everyMs"] === before["everyMs"];
    return present({ ...next, anchorMs: kept ? before["anchorMs"] : nowMs });
  }
  return next;
}

/** A patch as the engine takes it, by the gateway's rules for what is left unsaid. Raises what `validatePatch` raises. */
export function toJobPatch(patch: Fields, stored: Job, nowMs: number): JobPatch {
  const { trigger, pacing, state, payload, schedule: wanted, ...rest } = patch;
  // A form sends everything it shows, also what only stood in for the schedule.
  const isStandIn =
    stored.schedule.kind === "after" && isDeepStrictEqual(wanted, shownSchedule(stored.schedule, stored.createdAtMs));
  const schedule = isStandIn ? undefined : wanted;
  const kept = Object.fromEntries(Object.entries({ trigger, pacing, state }).filter(([, value]) => isGiven(value)));
  const oneShot = isRecord(schedule) && schedule["kind"] === "at";
  const wasOneShot = stored.schedule.kind === "at";
  return validatePatch(
    present({
      ...rest,
      ...kept,
      ...("description" in rest ? { description: withoutNote(rest["description"]) ?? "" } : {}),
      ...(isRecord(rest["delivery"]) ? { delivery: onlyNamed(rest["delivery"], stored) } : {}),
      payload: isRecord(payload) ? asStored(withoutEmpty(payload), stored) : payload,
      schedule: isRecord(schedule) ? keepTiming(schedule, stored.schedule, nowMs) : schedule,
      deleteAfterRun: rest["deleteAfterRun"] ?? (isRecord(schedule) && oneShot !== wasOneShot ? oneShot : undefined),
    }),
  );
}

/** A form sends everything it shows: a default that was never set stays unset. */
function onlyNamed(delivery: Fields, stored: Job): Fields {
  const { bestEffort, ...rest } = delivery;
  return bestEffort === false && stored.delivery?.bestEffort === undefined ? rest : delivery;
}

/** What was shown in the place of something that the gateway cannot hold comes back as it was. */
function asStored(payload: Fields, { payload: stored }: Job): Fields {
  const shown = shownPayload(stored);
  const kept = (["argv", "env"] as const).filter(
    (name) => payload[name] !== undefined && isDeepStrictEqual(payload[name], shown[name]),
  );
  return { ...payload, ...Object.fromEntries(kept.map((name) => [name, stored[name]])) };
}

/** `toolsAllow: null` clears what is not there. */
const withoutEmpty = (payload: Fields): Fields =>
  Object.fromEntries(
    Object.entries(payload).filter(([name, value]) => !(THEIR_PAYLOAD_FIELDS.includes(name) && !isGiven(value))),
  );
