import { CommandCronError } from "../../../kernel/errors.ts";
import { markLines, takenLines, unmarkLines } from "../../../kernel/taken-lines.ts";
import type { ImportReport, ImportRow } from "../../../transfer/api.ts";
import {
  beginMove,
  copyCrontab,
  endMove,
  findTimers,
  readCrontab,
  readRecord,
  type System,
  startTimer,
  stopTimer,
  type TakeOver,
  type UserTimer,
  writeCrontab,
} from "../../elsewhere/index.ts";
import { shownUrl } from "../../gateway/index.ts";
import type { Context } from "../command.ts";

/** Cron starts its commands as a minute begins: a crontab that changes just then may be seen a minute late. */
const MINUTE_MS = 60_000;
const BEFORE_MS = 10_000;
const AFTER_MS = 2_000;

/** Something that starts jobs there, and what of it comes here. */
interface Source {
  file: unknown;
  format: System;
  /** Entries that come here with this move. */
  moving: ImportRow[];
  /** Ends them there. */
  stop(): Promise<void>;
}

interface TakeOverReport extends ImportReport {
  plan: (ImportRow & { moves: boolean })[];
  /** The crontab as it was. */
  copy?: string;
  /** An earlier move was cut off; with `--apply` it is brought to its end. */
  unfinished: boolean;
}

/** Where moves happen. Raises OTHER_HOST when the gateway is not this machine's own. */
export async function placeOfMoves(context: Context) {
  const { uid, hostname } = context.io.whoami();
  const refuse = (got: string): CommandCronError =>
    new CommandCronError("OTHER_HOST", { expected: "this machine's own gateway", got });
  if (uid === undefined) throw refuse("a system without crontabs and user timers");
  if (context.options["url"] !== undefined) throw refuse(shownUrl(String(context.options["url"])));
  const { whose, stateDir, url } = await context.target();
  if (whose !== "local") throw refuse(shownUrl(url));
  return { stateDir, origin: { hostname, uid } };
}
type Place = Awaited<ReturnType<typeof placeOfMoves>>;

const placesOf = (rows: readonly ImportRow[]): string[] => rows.flatMap(({ at }) => at ?? []);

async function betweenMinutes({ io }: Context): Promise<void> {
  const passedMs = io.nowMs() % MINUTE_MS;
  if (passedMs < AFTER_MS) await io.sleep(AFTER_MS - passedMs);
  else if (passedMs > MINUTE_MS - BEFORE_MS) await io.sleep(MINUTE_MS - passedMs + AFTER_MS);
}

/**
 * Moves what this user's crontab and timers start to this program, all that comes along whole; without `apply` it only
 * says what would move. The jobs are stored off, then it is ended there, then they are switched on: whenever it is cut off,
 * nothing is on in both places, and the same command brings it to its end. A time that comes between the last two steps
 * is left out.
 */
export async function takeOver(context: Context, systems: readonly System[], apply: boolean): Promise<TakeOverReport> {
  const place = await placeOfMoves(context);
  const record = readRecord(place.stateDir);
  const report: TakeOverReport = { plan: [], applied: apply, absent: 0, unfinished: record.unfinished.length > 0 };
  const found: [System, Source[]][] = [];
  for (const system of systems) {
    const sources = await PLANS[system](context, place, record, report);
    if (sources !== undefined) found.push([system, sources]);
  }
  if (report.problem !== undefined) return { ...report, applied: false };
  if (!apply) return report;
  for (const [system, sources] of found) {
    for (const source of sources) await move(context, place, source);
    endMove(place.stateDir, record, system);
  }
  if (record.copy !== undefined) report.copy = record.copy;
  return report;
}

async function move(context: Context, { origin }: Place, { file, format, moving, stop }: Source): Promise<void> {
  const only = placesOf(moving);
  if (only.length === 0) return;
  const params = { file, format, origin, apply: true, only };
  const stored = await context.call<ImportReport>("import", params);
  if (!stored.applied) throw cannot(format, stored);
  try {
    await stop();
    const on = await context.call<ImportReport>("import", { ...params, enable: true });
    if (!on.applied || on.plan.some(({ enabled }) => enabled !== true)) throw cannot(format, on);
  } catch (error) {
    context.note("Cut off between there and here: give the same command again to go on, or `import --give-back`.");
    throw error;
  }
}

const cannot = (format: System, { plan, problem }: ImportReport): CommandCronError =>
  new CommandCronError("FILE_INVALID", {
    field: format,
    got: problem ?? plan.find(({ enabled }) => enabled !== true)?.detail ?? "jobs that cannot be switched on",
  });

/** What a system starts, added to the report; undefined where this host has none of it. */
type Plan = (context: Context, place: Place, record: TakeOver, report: TakeOverReport) => Promise<Source[] | undefined>;

const planCrontab: Plan = async (context, place, record, report) => {
  const { io } = context;
  const before = await readCrontab(io);
  if (before === undefined) {
    context.note("This host has no `crontab` program.");
    return undefined;
  }
  const file = unmarkLines(before);
  const here = new Set(takenLines(before).map((number) => `line ${number}`));
  const params = { file, format: "crontab", origin: place.origin, enable: true };
  const { plan, absent, problem } = await context.call<ImportReport>("import", params);
  report.absent += absent;
  if (problem !== undefined) report.problem = problem;
  const open = plan.filter(({ at = "" }) => record.unfinished.includes("crontab") || !here.has(at));
  const moving = open.filter(({ enabled }) => enabled === true);
  report.plan.push(...shownRows(open, moving));
  const numbers = placesOf(moving).map((at) => Number(at.slice("line ".length)));
  const after = markLines(before, numbers);
  return [
    {
      file,
      format: "crontab",
      moving,
      async stop() {
        if (after === before) return;
        record.copy = copyCrontab(place.stateDir, before, io.nowMs());
        beginMove(place.stateDir, record, "crontab");
        await betweenMinutes(context);
        await writeCrontab(io, place.stateDir, before, after);
      },
    },
  ];
};

const planTimers: Plan = async (context, place, record, report) => {
  const known = record.unfinished.includes("systemd") ? record.timers.map(({ name }) => name) : [];
  const timers = await findTimers(context.io, known);
  if (timers === undefined) {
    context.note("No systemd of this user answers; timers are left alone.");
    return undefined;
  }
  const sources: Source[] = [];
  for (const timer of timers) {
    const params = { file: timer.units, format: "systemd", origin: place.origin, enable: true };
    const plan = timer.problem === undefined ? (await context.call<ImportReport>("import", params)).plan : [];
    // A service that only another one starts is none of the timer's.
    const rows = plan.filter(({ name }) => name === timer.name || name.startsWith(`${timer.name} (`));
    const whole = rows.length > 0 && rows.every(({ enabled }) => enabled === true);
    report.plan.push(...(timer.problem === undefined ? shownRows(rows, whole ? rows : []) : [refusedTimer(timer)]));
    if (!whole) continue;
    sources.push({
      file: timer.units,
      format: "systemd",
      moving: rows,
      async stop() {
        const { units: _units, ...state } = timer;
        if (!record.timers.some(({ name }) => name === timer.name)) record.timers.push(state);
        beginMove(place.stateDir, record, "systemd");
        await stopTimer(context.io, timer);
      },
    });
  }
  return sources;
};

const PLANS: Record<System, Plan> = { crontab: planCrontab, systemd: planTimers };

/** What moves is ended by the move itself. */
const shownRows = (rows: readonly ImportRow[], moving: readonly ImportRow[]): TakeOverReport["plan"] =>
  rows.map((row) => {
    const { ends, ...rest } = row;
    return moving.includes(row) ? { ...rest, moves: true } : { ...rest, ...(ends && { ends }), moves: false };
  });

const refusedTimer = ({ name, problem = "" }: UserTimer): TakeOverReport["plan"][number] => ({
  action: "refused",
  name,
  detail: problem,
  moves: false,
});

interface GiveBackReport {
  /** What starts there again, and the jobs here that are off. */
  given: { what: string; jobs: string[] }[];
  /** Whether the crontab is again what it was before, byte for byte; absent where none was taken over. */
  same?: boolean;
  /** The crontab as it was before the take-over. */
  copy?: string;
}

/**
 * The way back: switches the jobs off here, then takes the marks out of the crontab and makes the timers what they were.
 * When it is cut off, the same command goes on.
 */
export async function giveBack(context: Context, systems: readonly System[]): Promise<GiveBackReport> {
  const place = await placeOfMoves(context);
  const record = readRecord(place.stateDir);
  const report: GiveBackReport = { given: [] };
  if (systems.includes("crontab")) await giveCrontab(context, place, record, report);
  if (systems.includes("systemd")) await giveTimers(context, place, record, report);
  return report;
}

/** Switches off the jobs that these entries have become; answers their names. */
async function switchOff(context: Context, params: Record<string, unknown>): Promise<string[]> {
  const { plan } = await context.call<ImportReport>("import", params);
  const names: string[] = [];
  for (const { id, name } of plan) {
    if (id === undefined) continue;
    await context.call("update", { id, patch: { enabled: false } });
    names.push(name);
  }
  return names;
}

async function giveCrontab(
  context: Context,
  { stateDir, origin }: Place,
  record: TakeOver,
  report: GiveBackReport,
): Promise<void> {
  const { io } = context;
  const before = (await readCrontab(io)) ?? "";
  const numbers = takenLines(before);
  const file = unmarkLines(before);
  if (record.copy !== undefined) {
    report.copy = record.copy;
    report.same = unmarkLines(await io.readFile(record.copy).catch(() => "")) === file;
  }
  beginMove(stateDir, record, "crontab");
  if (numbers.length > 0) {
    const only = numbers.map((number) => `line ${number}`);
    const jobs = await switchOff(context, { file, format: "crontab", origin, only });
    await betweenMinutes(context);
    await writeCrontab(io, stateDir, before, file);
    report.given.push({ what: `${numbers.length} lines of this user's crontab`, jobs });
  }
  delete record.copy;
  endMove(stateDir, record, "crontab");
}

async function giveTimers(
  context: Context,
  { stateDir, origin }: Place,
  record: TakeOver,
  report: GiveBackReport,
): Promise<void> {
  if (record.timers.length === 0) return;
  beginMove(stateDir, record, "systemd");
  const names = record.timers.map(({ name }) => name);
  const found = (await findTimers(context.io, names)) ?? [];
  for (const state of [...record.timers]) {
    const units = found.find(({ name }) => name === state.name)?.units;
    if (units === undefined) {
      const got = "no such timer, or no systemd of this user that answers";
      throw new CommandCronError("ELSEWHERE_REFUSED", {
        field: state.name,
        expected: "the timer that was taken over",
        got,
      });
    }
    const jobs = await switchOff(context, { file: units, format: "systemd", origin });
    await startTimer(context.io, state);
    record.timers = record.timers.filter((other) => other !== state);
    beginMove(stateDir, record, "systemd");
    report.given.push({ what: state.name, jobs });
  }
  endMove(stateDir, record, "systemd");
}
