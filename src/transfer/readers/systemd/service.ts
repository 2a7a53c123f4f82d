import { present } from "../../../kernel/present.ts";
import { NotCarried } from "../../candidate.ts";
import type { HostFacts } from "../../facts.ts";
import { type Command, readCommands, readEnvironment, sequence } from "./exec.ts";
import { spanMs } from "./span.ts";
import { specify } from "./specifiers.ts";
import { allOf, lastOf, placeOf, type Unit } from "./unit.ts";
import { splitWords } from "./words.ts";

const MAX_GRACE_SECONDS = 3_600;
/** Signals that can be chosen here, by name and by number. */
const SIGNALS: Record<string, string> = {
  "1": "SIGHUP",
  "2": "SIGINT",
  "3": "SIGQUIT",
  "9": "SIGKILL",
  "10": "SIGUSR1",
  "12": "SIGUSR2",
  "15": "SIGTERM",
};

/** What a service becomes: the command of a job and how it is ended. */
interface Service {
  payload: Record<string, unknown>;
  policy: Record<string, unknown>;
  notes: string[];
  holds: string[];
}

/** A service that runs a command to its end. Throws NotCarried for any other. */
export function readService(unit: Unit, facts: HostFacts): Service {
  const type = typeOf(unit);
  const notes: string[] = [];
  const holds: string[] = [];
  const env = readEnvironment(unit, facts, notes);
  const known = unit.user ? present({ HOME: facts.home, USER: facts.user, LOGNAME: facts.user }) : {};
  const commands = readCommands(unit, facts, { ...(known as Record<string, string>), ...env });
  if (commands.length > 1 && type !== "oneshot") {
    throw new NotCarried(`${placeOf(unit, "Service.ExecStart")}: only a one-shot may have several ExecStart=`);
  }
  notes.push(...commands.flatMap((command) => command.notes), ...failureNotes(commands));
  return {
    payload: present({
      kind: "command",
      argv: sequence(commands),
      cwd: workingDirectory(unit, facts, notes),
      env: Object.keys(env).length === 0 ? undefined : env,
      timeoutSeconds: timeLimit(unit, type, notes),
    }),
    policy: policyOf(unit, notes, holds),
    notes,
    holds,
  };
}

function typeOf(unit: Unit): string {
  const bus = lastOf(unit, "Service.BusName") === undefined ? "simple" : "dbus";
  const type = lastOf(unit, "Service.Type") ?? (unit.values.has("Service.ExecStart") ? bus : "oneshot");
  if (!["oneshot", "simple", "exec", "idle"].includes(type)) {
    throw new NotCarried(`a service of type \`${type}\` is not a command that ends`);
  }
  return type;
}

/** `;` carries an ignored failure between commands; after the last one nothing is left to go on with. */
function failureNotes(commands: readonly Command[]): string[] {
  return commands.at(-1)?.ignored === true
    ? ["a failure of the last command was ignored (`-`): here it is a failure"]
    : [];
}

function workingDirectory(unit: Unit, facts: HostFacts, notes: string[]): string | undefined {
  const value = lastOf(unit, "Service.WorkingDirectory");
  const path = value?.replace(/^-/, "");
  if (value !== path) notes.push("a missing WorkingDirectory= was ignored (`-`): here the run fails");
  if (path !== undefined && path !== "~") return specify(path, unit, facts);
  // The system's manager starts in the root directory, a user's in the home directory.
  if (path === undefined && !unit.user) return "/";
  const user = lastOf(unit, "Service.User");
  const home = unit.user ? facts.home : user === undefined ? "/root" : facts.users.get(user);
  if (home === undefined) throw new NotCarried("the home directory of the service is not known here");
  return home;
}

/** Seconds; 0 where systemd knows no limit. A one-shot does all its work while it starts. */
function timeLimit(unit: Unit, type: string, notes: string[]): number {
  const runtime = lastOf(unit, "Service.RuntimeMaxSec");
  if (type === "oneshot") {
    if (runtime !== undefined && runtime !== "infinity")
      notes.push("RuntimeMaxSec= is not carried: systemd ignores it for a one-shot");
    return finite(spanMs(lastOf(unit, "Service.TimeoutStartSec") ?? "infinity") / 1_000);
  }
  const seconds = spanMs(runtime ?? "infinity") / 1_000;
  if (seconds === 0) throw new NotCarried(`${placeOf(unit, "Service.RuntimeMaxSec")}: RuntimeMaxSec=0 ends it at once`);
  return finite(seconds);
}

/** To systemd, 0 and infinity are both no limit. */
const finite = (seconds: number): number => (Number.isFinite(seconds) ? seconds : 0);

function policyOf(unit: Unit, notes: string[], holds: string[]): Record<string, unknown> {
  const signal = lastOf(unit, "Service.KillSignal");
  const name = signal === undefined ? undefined : (SIGNALS[signal] ?? `SIG${signal.replace(/^SIG/, "")}`);
  const chosen = name !== undefined && Object.values(SIGNALS).includes(name);
  if (name !== undefined && !chosen) holds.push(`KillSignal=${signal}: another signal ended it`);
  const pass = allOf(unit, "Service.PassEnvironment").flatMap((line) => splitWords(line).map(({ text }) => text));
  return present({
    stopSignal: chosen ? name : undefined,
    stopGraceSeconds: graceSeconds(unit, notes),
    limits: niceness(unit, holds),
    env: pass.length === 0 ? undefined : { pass: [...new Set(pass)] },
  });
}

function graceSeconds(unit: Unit, notes: string[]): number | undefined {
  const value = lastOf(unit, "Service.TimeoutStopSec");
  if (value === undefined) return undefined;
  const seconds = spanMs(value) / 1_000;
  if (seconds > 0 && seconds <= MAX_GRACE_SECONDS) return seconds;
  notes.push(`TimeoutStopSec=${value}: here at most an hour`);
  return MAX_GRACE_SECONDS;
}

function niceness(unit: Unit, holds: string[]): { nice: number } | undefined {
  const value = lastOf(unit, "Service.Nice");
  if (value === undefined) return undefined;
  if (/^[+-]?\d+$/.test(value) && Number(value) >= -20 && Number(value) <= 19) return { nice: Number(value) };
  holds.push(`Nice=${value}: no niceness`);
  return undefined;
}
