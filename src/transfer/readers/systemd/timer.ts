import { type Candidate, candidateFor, NotCarried, present } from "../../candidate.ts";
import { readCalendar } from "./calendar.ts";
import { readCommands, readEnvironment, sequence, specify, splitWords } from "./exec.ts";
import { allOf, isYes, lastOf, readUnits, spanMs, type Unit, type Units } from "./unit.ts";

/** A persistent timer catches up however long the host was off; a year is as good. */
const PERSISTENT_WINDOW_SECONDS = 366 * 86_400;
const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGKILL"];
/** Keys that are carried, or that say nothing about when and how the command runs. */
const UNDERSTOOD = new Set(
  `Unit.Description Unit.Documentation Unit.After Unit.Before Unit.Wants Unit.DefaultDependencies Install.WantedBy
  Install.Also Install.RequiredBy Timer.OnCalendar Timer.OnUnitActiveSec Timer.OnBootSec Timer.OnStartupSec
  Timer.OnActiveSec Timer.Unit Timer.Persistent Timer.RandomizedDelaySec Timer.FixedRandomDelay Timer.AccuracySec
  Timer.RemainAfterElapse Service.Type Service.ExecStart Service.WorkingDirectory Service.Environment
  Service.PassEnvironment Service.TimeoutStopSec Service.KillSignal Service.RuntimeMaxSec Service.TimeoutStartSec
  Service.TimeoutSec Service.Nice Service.StandardOutput Service.StandardError Service.SyslogIdentifier
  Service.RemainAfterExit`.split(/\s+/),
);
/** Keys without which the command is another one than it was: such a job comes in disabled. */
const DECISIVE =
  /^Service\.(User|Group|DynamicUser|EnvironmentFile|ExecStartPre|ExecStartPost|ExecCondition|RootDirectory|StandardInput.*|LoadCredential.*|SetCredential.*|Private.*|Protect.*|ReadWritePaths|BindPaths)$|^Unit\.(Condition.*|Assert.*|Requires|BindsTo)$/;

/** Jobs of systemd timers and the services they start. One job for each `OnCalendar=`. Raises FILE_INVALID. */
export function readSystemd(file: unknown): Candidate[] {
  const units = readUnits(file);
  const timers = [...units.keys()].filter((name) => name.endsWith(".timer"));
  const candidates = timers.flatMap((name) => readTimer(name, units));
  const started = new Set(timers.map((name) => serviceNameOf(name, units.get(name) ?? new Map())));
  for (const name of units.keys()) {
    if (name.endsWith(".service") && !started.has(name)) {
      candidates.push({ name, notes: ["no timer among the files starts it"] });
    }
  }
  return candidates;
}

const serviceNameOf = (name: string, timer: Unit): string =>
  lastOf(timer, "Timer.Unit") ?? name.replace(/\.timer$/, ".service");

function readTimer(name: string, units: Units): Candidate[] {
  const timer = units.get(name) ?? new Map();
  const calendars = allOf(timer, "Timer.OnCalendar");
  const every = lastOf(timer, "Timer.OnUnitActiveSec");
  const count = calendars.length + (every === undefined ? 0 : 1);
  if (count === 0) return [candidateFor(name, () => noTime(timer))];
  return Array.from({ length: count }, (_, index) => {
    const label = index === 0 ? name : `${name} (${index + 1})`;
    return candidateFor(label, () => {
      const calendar = calendars[index];
      const schedule =
        calendar === undefined ? { kind: "every", everyMs: spanMs(every ?? "") } : { ...readCalendar(calendar) };
      return readJob({ name, label, index, timer, units, schedule });
    });
  });
}

function noTime(timer: Unit): never {
  const keys = [...timer.keys()].filter((key) => /^Timer\.On/.test(key)).map((key) => `${key.slice("Timer.".length)}=`);
  throw new NotCarried(
    keys.length === 0
      ? "the timer names no time"
      : `${keys.join(", ")} alone names no time of day and no fixed interval`,
  );
}

interface TimerJob {
  name: string;
  label: string;
  index: number;
  timer: Unit;
  units: Units;
  schedule: Record<string, unknown>;
}

function readJob({ name, label, index, timer, units, schedule }: TimerJob): Candidate {
  const serviceName = serviceNameOf(name, timer);
  const service = units.get(serviceName);
  if (service === undefined) throw new NotCarried(`${serviceName} is not among the files`);
  const type = lastOf(service, "Service.Type") ?? "simple";
  if (!["oneshot", "simple", "exec"].includes(type)) {
    throw new NotCarried(`a service of type \`${type}\` is not a command that ends`);
  }
  if (/@\.(timer|service)$/.test(serviceName)) throw new NotCarried("a template without an instance names no unit");
  const env = readEnvironment(allOf(service, "Service.Environment").map((line) => specify(line, serviceName)));
  const commands = readCommands(allOf(service, "Service.ExecStart"), serviceName, env);
  const notes = [...commands.flatMap((command) => command.notes), ...delayNotes(timer, schedule)];
  const strange = [...timer.keys(), ...service.keys()].filter((key) => !UNDERSTOOD.has(key));
  if (strange.length > 0) notes.push(`not carried: ${strange.map((key) => `${key.split(".")[1]}=`).join(", ")}`);
  const decisive = strange.filter((key) => DECISIVE.test(key));
  if (decisive.length > 0) notes.push("created disabled: look at what was not carried before you enable it");
  const description = lastOf(service, "Unit.Description") ?? lastOf(timer, "Unit.Description");
  return {
    name: label,
    notes,
    job: present({
      name: label,
      declarationKey: `systemd:${name}${index === 0 ? "" : `#${index + 1}`}`,
      description: description === undefined ? undefined : specify(description, serviceName),
      enabled: decisive.length === 0,
      schedule: { ...schedule, ...stagger(timer, schedule) },
      payload: present({
        kind: "command",
        argv: sequence(commands),
        cwd: workingDirectory(service, serviceName, notes),
        env: Object.keys(env).length === 0 ? undefined : env,
        timeoutSeconds: timeLimit(service, type, notes),
      }),
      delivery: { mode: "none" },
      policy: policyOf(timer, service, notes),
    }),
  };
}

/** A delay that is drawn once for a timer is a stagger; one that is drawn anew each time is not. */
function stagger(timer: Unit, schedule: Record<string, unknown>): Record<string, unknown> {
  const delay = lastOf(timer, "Timer.RandomizedDelaySec");
  if (delay === undefined || !isYes(lastOf(timer, "Timer.FixedRandomDelay")) || schedule["kind"] !== "cron") return {};
  return { staggerMs: spanMs(delay) };
}

function delayNotes(timer: Unit, schedule: Record<string, unknown>): string[] {
  const notes: string[] = [];
  const delay = lastOf(timer, "Timer.RandomizedDelaySec");
  if (delay !== undefined && spanMs(delay) > 0 && Object.keys(stagger(timer, schedule)).length === 0) {
    notes.push("RandomizedDelaySec= is not carried: it runs at the exact time");
  }
  const first = ["OnBootSec", "OnStartupSec", "OnActiveSec"].filter((key) => timer.has(`Timer.${key}`));
  if (first.length > 0) {
    const reason = schedule["kind"] === "every" ? "intervals count from the import" : "the other times are kept";
    notes.push(`${first.map((key) => `${key}=`).join(", ")} is not carried: ${reason}`);
  }
  return notes;
}

function workingDirectory(service: Unit, unit: string, notes: string[]): string | undefined {
  const value = lastOf(service, "Service.WorkingDirectory");
  if (value === undefined) {
    // The service manager starts in the root directory.
    return "/";
  }
  if (value.replace(/^-/, "").startsWith("~"))
    throw new NotCarried("the home directory of WorkingDirectory= is unknown");
  if (value.startsWith("-")) notes.push("a missing WorkingDirectory= was ignored (`-`): here the run fails");
  return specify(value.replace(/^-/, ""), unit);
}

/** Seconds; 0 where systemd knows no limit. A one-shot does all its work while it starts. */
function timeLimit(service: Unit, type: string, notes: string[]): number {
  const start = lastOf(service, "Service.TimeoutStartSec") ?? lastOf(service, "Service.TimeoutSec");
  const runtime = lastOf(service, "Service.RuntimeMaxSec");
  if (type === "oneshot" && runtime !== undefined)
    notes.push("RuntimeMaxSec= is not carried: systemd ignores it for a one-shot");
  const seconds = spanMs((type === "oneshot" ? start : runtime) ?? "infinity") / 1000;
  return Number.isFinite(seconds) ? seconds : 0;
}

function policyOf(timer: Unit, service: Unit, notes: string[]): Record<string, unknown> {
  const signal = lastOf(service, "Service.KillSignal");
  const name = signal === undefined ? undefined : signal.startsWith("SIG") ? signal : `SIG${signal}`;
  if (name !== undefined && !SIGNALS.includes(name)) notes.push(`KillSignal=${signal} is not carried`);
  const stop = lastOf(service, "Service.TimeoutStopSec") ?? lastOf(service, "Service.TimeoutSec");
  const graceSeconds = stop === undefined ? undefined : spanMs(stop) / 1000;
  const nice = lastOf(service, "Service.Nice");
  const pass = allOf(service, "Service.PassEnvironment").flatMap((line) => splitWords(line).map(({ text }) => text));
  return present({
    misfire: isYes(lastOf(timer, "Timer.Persistent"))
      ? { mode: "run_once", windowSeconds: PERSISTENT_WINDOW_SECONDS }
      : { mode: "skip" },
    stopSignal: name !== undefined && SIGNALS.includes(name) ? name : undefined,
    stopGraceSeconds: graceSeconds === undefined ? undefined : Math.min(graceSeconds, 3_600),
    limits: nice === undefined ? undefined : { nice: Number(nice) },
    env: pass.length === 0 ? undefined : { pass },
  });
}
