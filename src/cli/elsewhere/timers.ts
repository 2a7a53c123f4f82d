import { lstatSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { CommandCronError, errorText } from "../../kernel/errors.ts";
import type { CliIo } from "../io.ts";

/** A timer of this user's systemd, as it is or was. */
export interface TimerState {
  name: string;
  /** It is started with the user's manager. */
  enabled: boolean;
  active: boolean;
  /** The unit's own file, where the manager's directory only links to it. */
  linked?: string;
}

export interface UserTimer extends TimerState {
  /** Its files and those of its service, by path. */
  units: Record<string, string>;
  /** Why it is not for us to stop. */
  problem?: string;
}

/** Units that came with the system or were made at run time are not this user's. */
const FOREIGN = /^\/(usr|lib|etc|run|nix)\//;
const PROPERTIES = [
  "Id",
  "FragmentPath",
  "DropInPaths",
  "UnitFileState",
  "ActiveState",
  "NeedDaemonReload",
  "Triggers",
];
type Shown = Record<string, string>;

/** Asks this user's systemd; undefined when there is none that answers. */
async function ask(io: Pick<CliIo, "run">, ...args: string[]): Promise<string | undefined> {
  const ran = await io.run("systemctl", ["--user", "--no-pager", ...args]);
  return ran?.code === 0 ? ran.stdout.toString("utf8") : undefined;
}

async function show(io: Pick<CliIo, "run">, names: readonly string[]): Promise<Shown[]> {
  if (names.length === 0) return [];
  const text = await ask(io, "show", ...PROPERTIES.map((name) => `--property=${name}`), "--", ...names);
  return (text ?? "")
    .split(/\n{2,}/)
    .filter((block) => block.trim() !== "")
    .map((block) =>
      Object.fromEntries(block.split("\n").map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string])),
    );
}

async function filesOf(io: CliIo, { Id = "", FragmentPath = "", DropInPaths = "" }: Shown) {
  const units: Record<string, string> = {};
  if (FragmentPath === "") return units;
  // An instance is read from its template, and is known by its own name.
  units[join(dirname(FragmentPath), Id)] = await io.readFile(FragmentPath);
  for (const path of DropInPaths.split(" ").filter((each) => each !== "")) units[path] = await io.readFile(path);
  return units;
}

function problemOf({ UnitFileState, NeedDaemonReload }: Shown): string | undefined {
  if (NeedDaemonReload === "yes") return "its file changed since systemd read it: `systemctl --user daemon-reload`";
  return UnitFileState === "enabled" || UnitFileState === "disabled"
    ? undefined
    : `it is ${UnitFileState || "without a file"}: something else starts it`;
}

function linkedTo(path: string): { linked?: string } {
  try {
    return lstatSync(path).isSymbolicLink() ? { linked: realpathSync(path) } : {};
  } catch {
    return {};
  }
}

/**
 * The timers of this user that are enabled or active, and the ones that are `known` however they are; undefined when no
 * systemd of this user answers.
 */
export async function findTimers(io: CliIo, known: readonly string[] = []): Promise<UserTimer[] | undefined> {
  const list = ["--no-legend", "--plain", "--type=timer"];
  const files = await ask(io, "list-unit-files", ...list);
  if (files === undefined) return undefined;
  const active = (await ask(io, "list-units", "--state=active", ...list)) ?? "";
  const names = [...files.split("\n"), ...active.split("\n")].map((line) => line.trim().split(/\s+/)[0] ?? "");
  const named = names.filter((name) => /[^@]\.timer$/.test(name));
  const shown = await show(io, [...new Set([...named, ...known])].sort());
  const own = shown.filter(
    ({ Id = "", FragmentPath = "", UnitFileState, ActiveState }) =>
      FragmentPath !== "" &&
      !FOREIGN.test(FragmentPath) &&
      (known.includes(Id) || UnitFileState?.startsWith("enabled") === true || ActiveState === "active"),
  );
  const timers: UserTimer[] = [];
  for (const timer of own) {
    const services = await show(
      io,
      (timer["Triggers"] ?? "").split(" ").filter((name) => name !== ""),
    );
    const units: Record<string, string> = {};
    const problems: (string | undefined)[] = [];
    for (const unit of [timer, ...services]) {
      // One that cannot be read says nothing of the others.
      await filesOf(io, unit).then(
        (files) => Object.assign(units, files),
        (error) => problems.push(errorText(error)),
      );
    }
    problems.push(...[timer, ...services.filter(({ NeedDaemonReload }) => NeedDaemonReload === "yes")].map(problemOf));
    const problem = problems.find((each) => each !== undefined);
    timers.push({
      name: timer["Id"] ?? "",
      enabled: timer["UnitFileState"] === "enabled",
      active: timer["ActiveState"] === "active",
      ...linkedTo(timer["FragmentPath"] ?? ""),
      units,
      ...(problem === undefined ? {} : { problem }),
    });
  }
  return timers;
}

async function order(io: Pick<CliIo, "run">, ...args: string[]): Promise<void> {
  const ran = await io.run("systemctl", ["--user", ...args]);
  if (ran?.code === 0) return;
  const said = ran?.stderr.trim().split("\n")[0];
  throw new CommandCronError("ELSEWHERE_REFUSED", {
    field: `systemctl --user ${args.join(" ")}`,
    got: said === undefined || said === "" ? `exit code ${ran?.code ?? 127}` : said,
  });
}

/** Ends a timer; a run of its service that is under way goes on. Raises ELSEWHERE_REFUSED. */
export async function stopTimer(io: Pick<CliIo, "run">, { name, enabled }: TimerState): Promise<void> {
  await order(io, ...(enabled ? ["disable", "--now"] : ["stop"]), name);
  const [shown] = await show(io, [name]);
  if (shown?.["ActiveState"] !== "active" && shown?.["UnitFileState"] !== "enabled") return;
  throw new CommandCronError("ELSEWHERE_REFUSED", { field: name, got: "a timer that is still on" });
}

/** Makes a timer what it was. Raises ELSEWHERE_REFUSED. */
export async function startTimer(io: Pick<CliIo, "run">, { name, enabled, active, linked }: TimerState): Promise<void> {
  if (enabled) await order(io, "enable", linked ?? name);
  if (active) await order(io, "start", name);
}
