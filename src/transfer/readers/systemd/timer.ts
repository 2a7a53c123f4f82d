import { present } from "../../../kernel/present.ts";
import { type Candidate, candidateFor, type Ending, NotCarried } from "../../candidate.ts";
import type { HostFacts } from "../../facts.ts";
import { judge } from "../../keys.ts";
import { readCalendar } from "./calendar.ts";
import { collectFiles, partsOf, type UnitFiles } from "./files.ts";
import { SYSTEMD_KEYS } from "./keys.ts";
import { readService } from "./service.ts";
import { spanMs } from "./span.ts";
import { specify, specifyFreely } from "./specifiers.ts";
import { type Assignment, isYes, lastOf, type Unit } from "./unit.ts";

/** A persistent timer catches up however long the host was off; a year is as good. */
const PERSISTENT_WINDOW_SECONDS = 366 * 86_400;

interface Import {
  files: UnitFiles;
  facts: HostFacts;
}

/**
 * Jobs of systemd timers and the services they start, one for each time of a timer. `instance` is what templates are
 * filled with that name none themselves. Raises FILE_INVALID.
 */
export function readSystemd(file: unknown, facts: HostFacts, instance?: string): Candidate[] {
  const files = collectFiles(file);
  const timers = timersOf(files, instance);
  const started = new Set<string>();
  const candidates = timers.flatMap((name) => {
    const timer = files.unit(name);
    if (timer === undefined) return [];
    const service = serviceNameOf(timer, facts);
    started.add(service).add(`${partsOf(service).prefix}@.service`);
    return readTimer(timer, service, { files, facts });
  });
  for (const name of files.names) {
    if (!name.endsWith(".service") || started.has(name)) continue;
    candidates.push({ name, at: name, notes: ["no timer among the files starts it"] });
  }
  return candidates;
}

/** Every timer by its full name: a template stands for the instances that are named for it. */
function timersOf(files: UnitFiles, instance: string | undefined): string[] {
  const names = files.names.filter((name) => name.endsWith(".timer"));
  return names.flatMap((name) => {
    const { prefix, instance: own } = partsOf(name);
    if (own !== "") return [name];
    const chosen = instance ?? (lastOf(files.unit(name) as Unit, "Install.DefaultInstance") || undefined);
    const named = files.instances.filter((other) => other.startsWith(`${prefix}@`) && other.endsWith(".timer"));
    const services = files.instances.filter((other) => other.startsWith(`${prefix}@`) && other.endsWith(".service"));
    const found = named.length > 0 ? named : services.map((other) => other.replace(/\.service$/, ".timer"));
    if (instance === undefined && found.length > 0) return found.filter((other) => !names.includes(other));
    if (chosen !== undefined) return [`${prefix}@${chosen}.timer`].filter((other) => !names.includes(other));
    return names.some((other) => other !== name && other.startsWith(`${prefix}@`)) ? [] : [name];
  });
}

function serviceNameOf(timer: Unit, facts: HostFacts): string {
  const named = lastOf(timer, "Timer.Unit");
  return named === undefined ? timer.name.replace(/\.timer$/, ".service") : specifyFreely(named, timer, facts);
}

interface Time {
  key: "Timer.OnCalendar" | "Timer.OnUnitActiveSec";
  value: string;
  where: string;
}

function readTimer(timer: Unit, serviceName: string, context: Import): Candidate[] {
  const times = timesOf(timer);
  const at = timer.name;
  if (times.length === 0) return [{ at, ...candidateFor(at, () => noTime(timer)) }];
  return times.map((time, index) => {
    const label = index === 0 ? timer.name : `${timer.name} (${index + 1})`;
    return {
      at: time.where,
      ...candidateFor(label, () => readJob({ timer, serviceName, time, times, label, index, ...context })),
    };
  });
}

/** Of several intervals the shortest is always the first to end, and begins all of them anew. */
function timesOf(timer: Unit): Time[] {
  const of = (key: Time["key"]): Time[] =>
    (timer.values.get(key) ?? []).map(({ value, where }: Assignment) => ({ key, value, where }));
  const intervals = of("Timer.OnUnitActiveSec").sort((one, other) => spanMs(one.value) - spanMs(other.value));
  return [...of("Timer.OnCalendar"), ...intervals.slice(0, 1)];
}

function noTime(timer: Unit): never {
  if (partsOf(timer.name).instance === "") throw new NotCarried(TEMPLATE);
  const keys = [...timer.values.keys()].filter((key) => /^Timer\.On/.test(key)).map((key) => SYSTEMD_KEYS.shown(key));
  throw new NotCarried(
    keys.length === 0
      ? "the timer names no time"
      : `${keys.join(", ")} alone names no time of day and no fixed interval`,
  );
}

const TEMPLATE = "a template without an instance names no unit: say `--instance NAME`";

interface TimerJob extends Import {
  timer: Unit;
  serviceName: string;
  time: Time;
  times: readonly Time[];
  label: string;
  index: number;
}

function readJob({ timer, serviceName, time, times, label, index, files, facts }: TimerJob): Candidate {
  if (partsOf(timer.name).instance === "") throw new NotCarried(TEMPLATE);
  if (!serviceName.endsWith(".service")) throw new NotCarried(`it starts ${serviceName}, which is no service`);
  const service = files.unit(serviceName);
  if (service === undefined) throw new NotCarried(`${serviceName} is not among the files`);
  const schedule = readTime(time, timer, facts);
  const { payload, policy, notes, holds } = readService(service, facts);
  const judged = judge(
    SYSTEMD_KEYS,
    [...inForce(timer), ...inForce(service)].filter(([key, value]) => !isOwn(key, value, facts)),
  );
  const delay = delayOf(timer, schedule);
  const description = lastOf(service, "Unit.Description") ?? lastOf(timer, "Unit.Description");
  return {
    name: label,
    notes: [...timer.ignored, ...service.ignored, ...notes, ...judged.notes, ...delay.notes],
    holds: [...judged.holds, ...holds, ...delay.holds, ...startHolds(timer, times)],
    ends: endingOf(timer),
    job: present({
      name: label,
      declarationKey: `systemd:${timer.name}${index === 0 ? "" : `#${index + 1}`}`,
      description: description === undefined ? undefined : specifyFreely(description, service, facts),
      schedule: { ...schedule, ...delay.schedule },
      payload,
      delivery: { mode: "none" },
      policy: {
        misfire:
          schedule["kind"] !== "every" && isYes(lastOf(timer, "Timer.Persistent"))
            ? { mode: "run_once", windowSeconds: PERSISTENT_WINDOW_SECONDS }
            : { mode: "skip" },
        ...policy,
      },
    }),
  };
}

function readTime(time: Time, timer: Unit, facts: HostFacts): Record<string, unknown> {
  if (time.key === "Timer.OnUnitActiveSec") {
    const everyMs = spanMs(time.value);
    if (Number.isFinite(everyMs)) return { kind: "every", everyMs };
    throw new NotCarried(`an interval of \`${time.value}\` never ends`);
  }
  return { ...readCalendar(specify(time.value, timer, facts)) };
}

/** Of a list every value counts, of a single setting the last. */
function* inForce(unit: Unit): Generator<[string, string]> {
  for (const [key, assignments] of unit.values) {
    const values = key.startsWith("Unit.") ? assignments : assignments.slice(-1);
    for (const { value } of values) yield [key, value];
  }
}

/** A service that ran as the gateway's own user loses nothing. */
const isOwn = (key: string, value: string, facts: HostFacts): boolean =>
  key === "Service.User" && (value === facts.user || value === String(facts.uid));

/** A delay that is drawn is a place in a window; an interval has none here. */
function delayOf(timer: Unit, schedule: Record<string, unknown>) {
  const value = lastOf(timer, "Timer.RandomizedDelaySec");
  const delayMs = value === undefined ? 0 : spanMs(value);
  if (delayMs === 0 || value === undefined) return { schedule: {}, notes: [], holds: [] };
  if (schedule["kind"] !== "cron" || !Number.isFinite(delayMs)) {
    return { schedule: {}, notes: [], holds: [`RandomizedDelaySec=${value}: it moved each start`] };
  }
  const notes = isYes(lastOf(timer, "Timer.FixedRandomDelay"))
    ? []
    : ["RandomizedDelaySec= was drawn anew for each start: here once for all"];
  return { schedule: { staggerMs: Math.floor(delayMs) }, notes, holds: [] };
}

/** Starts that do not come along. */
function startHolds(timer: Unit, times: readonly Time[]): string[] {
  const calendars = times.some(({ key }) => key === "Timer.OnCalendar");
  const intervals = times.some(({ key }) => key === "Timer.OnUnitActiveSec");
  const first = ["OnBootSec", "OnStartupSec", "OnActiveSec"].filter((key) => timer.values.has(`Timer.${key}`));
  const holds: string[] = [];
  if (calendars && intervals) holds.push("OnUnitActiveSec=: every start began its interval anew, a calendar's too");
  if (calendars && first.length > 0)
    holds.push(`${first.map((key) => `${key}=`).join(", ")}: starts after boot are missing here`);
  return holds;
}

/** How its own manager is told to stop. */
const endingOf = (timer: Unit): Ending => ({
  what: timer.name,
  how: `\`systemctl ${timer.user ? "--user " : ""}disable --now ${timer.name}\``,
});
