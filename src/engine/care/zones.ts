import { open } from "node:fs/promises";
import { orUndefined } from "../../kernel/or-undefined.ts";
import type { JobRecord, Ledger } from "../../ledger/types.ts";
import { firstDueMs } from "../../policy/time/index.ts";
import type { DoctorFinding } from "../api.ts";
import { someOf } from "./names.ts";
import { inSteps } from "./steps.ts";

/** The host's zone and the zone data under which next instants were computed. */
const ZONES_META = "schedule.zones";

/**
 * When the host's zone or its zone data is another than at the last start, the next instants of cron jobs are computed
 * anew: they are stored, and were right under what was known then. A few jobs a turn of the event loop. Answers how many
 * have moved.
 */
export async function followZones(deps: {
  ledger: Ledger;
  hostTz: string;
  tzVersion?: string | undefined;
}): Promise<number> {
  const { ledger, hostTz } = deps;
  const zones = `${hostTz} ${deps.tzVersion ?? tzVersion()}`;
  const before = ledger.getMeta(ZONES_META);
  if (before === zones) return 0;

  function follow(job: JobRecord): boolean {
    if (job.definition.schedule.kind !== "cron" || job.nextDueMs === undefined) return false;
    const nextDueMs = firstDueOrNot(job, hostTz);
    if (nextDueMs === undefined || nextDueMs === job.nextDueMs) return false;
    ledger.jobs.patchState(job.id, { nextDueMs });
    return true;
  }

  let moved = 0;
  for await (const jobs of inSteps(ledger)) moved += ledger.transaction(() => jobs.filter(follow).length);
  ledger.setMeta(ZONES_META, zones);
  return moved;
}

/** Undefined where this host cannot compute the schedule: the scheduler will come upon it and say so. */
const firstDueOrNot = (job: JobRecord, hostTz: string): number | undefined =>
  orUndefined(() => firstDueMs(job, job.cursorMs, hostTz));

/** The zone data of this process. */
const tzVersion = (): string => process.versions["tz"] ?? "unknown";

/** The host's own zone data; its first line is `# version 2026a`. */
const HOST_ZONES = "/usr/share/zoneinfo/tzdata.zi";

/** Whether the host knows newer zone data than this process computes with, and which jobs that can concern. */
export async function zoneFinding(
  ledger: Ledger,
  { own = tzVersion(), file = HOST_ZONES }: { own?: string; file?: string } = {},
): Promise<DoctorFinding> {
  const hosts = await versionIn(file);
  const check = "time zones";
  if (hosts === undefined || hosts <= own) return { check, level: "ok", detail: `zone data ${own}` };
  const names: string[] = [];
  for await (const jobs of inSteps(ledger)) {
    for (const { definition, enabled } of jobs) {
      const { schedule } = definition;
      if (!enabled || schedule.kind !== "cron" || /^(Etc\/)?(UTC|GMT|Zulu)$/i.test(schedule.tz ?? "")) continue;
      names.push(definition.name);
    }
  }
  const total = names.length;
  return {
    check,
    level: total === 0 ? "ok" : "warn",
    detail: `the gateway's Node has zone data ${own}, this host has ${hosts}${total === 0 ? "" : `; jobs in a zone: ${someOf(names)}`}`,
    ...(total === 0 ? {} : { action: "run the gateway with a newer Node: its zone data is built in" }),
  };
}

async function versionIn(file: string): Promise<string | undefined> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0);
    return /^# version (\d{4}[a-z]+)/.exec(buffer.toString("latin1", 0, bytesRead))?.[1];
  } catch {
    return undefined;
  } finally {
    await handle.close();
  }
}
