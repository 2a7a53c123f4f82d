import type { AlertEntry, AlertsResult } from "../../../../schema/wire/calls/told.ts";
import type { DoctorFinding, StatusReport, StoppedReport } from "../../../engine/api.ts";
import { formatBytes } from "../../../kernel/durations.ts";
import { present } from "../../../kernel/present.ts";
import { findTwice } from "../../elsewhere/index.ts";
import { beginOf, durationFlag, given, type Options, pageParams, parseAt, textFlag, usage } from "../../flags/index.ts";
import {
  type Cell,
  cleanLine,
  idCell,
  relative,
  renderStatus,
  shortId,
  tableOf,
  targetText,
  wordCell,
} from "../../render/index.ts";
import type { CliCommand, Context } from "../command.ts";
import { EXIT_FAILED, EXIT_OK, outcomeOf } from "../failure.ts";
import { JOB_ARGUMENT } from "../jobs.ts";
import { placeOfMoves } from "../transfer/index.ts";
import { makeBundle } from "./bundle.ts";

const status: CliCommand = {
  name: "status",
  says: "Show how the service is; exit 1 when something needs a look",
  examples: [["command-cron status", "Jobs, runs, deliveries, runner, findings"]],
  async action(context) {
    const status = await context.call<StatusReport | StoppedReport>("status");
    context.show(status, () => renderStatus(status, context.io.nowMs(), context.style));
    return status.state === "running" ? EXIT_OK : EXIT_FAILED;
  },
};

/** What is on here and is started by this user's crontab or timers as well; nothing where that is another host's matter. */
async function twice(context: Context): Promise<DoctorFinding[]> {
  const place = await placeOfMoves(context).catch(() => undefined);
  if (place === undefined) return [];
  const { stateDir, origin } = place;
  return findTwice(context.io, stateDir, (file, format) => context.call("import", { file, format, origin }));
}

/** Writes everything that helps others to help into one file of this machine, for its owner only. */
async function writeBundle(context: Context): Promise<number> {
  const { io, options } = context;
  const named = options["bundle"] === true ? undefined : textFlag(options, "--bundle");
  const stamp = new Date(io.nowMs()).toISOString().replace(/[-:]|\.\d+/g, "");
  const file = named ?? `command-cron-${stamp}.json.gz`;
  const [{ redacted }, { gzipSync }] = await Promise.all([
    import("../../../policy/text/index.ts"),
    import("node:zlib"),
  ]);
  const withOutput = given(options, "--with-output");
  const ask = (method: string, params?: Record<string, unknown>) => context.call(method, params);
  const bundle = await makeBundle(ask, {
    nowMs: io.nowMs(),
    withOutput,
    redacted,
    why: (error) => outcomeOf(error).message,
  });
  const content = gzipSync(`${JSON.stringify(bundle, null, 2)}\n`);
  io.writeNewFile(file, content);
  const name = cleanLine(file);
  context.show(
    { file, bytes: content.length },
    () => `Wrote ${name} (${formatBytes(content.length)}). Look into it before you send it: zcat ${name}`,
  );
  return EXIT_OK;
}

const renderFindings = tableOf<DoctorFinding>(() => [
  { title: "Level", cell: ({ level }) => wordCell(level) },
  { title: "Check", wraps: true, cell: ({ check }) => check },
  {
    title: "Finding",
    wraps: true,
    cell: ({ detail, action }) => (action === undefined ? detail : `${detail} -> ${action}`),
  },
]);

const doctor: CliCommand = {
  name: "doctor",
  says: "Look for what is wrong or risky; exit 1 when there is an error",
  flags: (command) =>
    command
      .option(
        "--bundle [file]",
        "Write a redacted file for whoever helps: versions, settings, status, findings, jobs, last runs",
      )
      .option("--with-output", "With --bundle: what commands printed as well, masked"),
  examples: [
    ["command-cron doctor", "Each finding with what to do about it"],
    ["command-cron doctor --bundle", "A file to send along when asking for help; look into it with `zcat`"],
  ],
  async action(context) {
    if (context.options["bundle"] !== undefined) return writeBundle(context);
    if (given(context.options, "--with-output")) throw usage("--with-output", "`--bundle` beside it", "nothing");
    const { findings } = await context.call<{ findings: DoctorFinding[] }>("doctor");
    findings.push(...(await twice(context)));
    context.list({ findings }, findings, "Nothing found.", renderFindings);
    return findings.some(({ level }) => level === "error") ? EXIT_FAILED : EXIT_OK;
  },
};

const renderAlerts = tableOf<AlertEntry>((nowMs) => [
  { title: "Alert", drop: 6, cell: ({ id }) => idCell(id) },
  { title: "State", wraps: true, cell: (alert) => stateOf(alert, nowMs) },
  { title: "Job", wraps: true, cell: ({ jobName, jobId }) => jobName ?? shortId(jobId) },
  { title: "Cause", wraps: true, cell: ({ cause }) => cause },
  { title: "Times", drop: 3, cell: ({ occurrences }) => String(occurrences) },
  { title: "Opened", drop: 5, cell: ({ openedAtMs }) => relative(openedAtMs, nowMs) },
  { title: "Closed", drop: 1, cell: ({ closedAtMs }) => relative(closedAtMs, nowMs) },
  { title: "Told", drop: 4, cell: (alert) => toldText(alert, nowMs) },
  { title: "Route", wraps: true, drop: 2, cell: ({ route }) => route && targetText(route) },
]);

/** Since when somebody knows. Without a route a message that is not out yet never will be. */
function toldText({ notifiedAtMs, route }: AlertEntry, nowMs: number): Cell {
  if (notifiedAtMs !== undefined) return { text: relative(notifiedAtMs, nowMs), tone: "plain" };
  return route === undefined ? { text: "nobody", tone: "bad" } : { text: "not yet", tone: "dim" };
}

const ALERT_ARGUMENT = ["<alert>", "Alert id, or a job for all its open alerts"] as const;

const alerts: CliCommand = {
  name: "alerts",
  arguments: [["[id]", JOB_ARGUMENT[1]]],
  says: "List open alerts; `ack` and `snooze` quiet them",
  flags: (command) => command.option("--all", "Closed ones as well"),
  paged: true,
  examples: [["command-cron alerts --all", "Every incident on record"]],
  async action(context) {
    const { options } = context;
    const page = await context.call<AlertsResult>(
      "alerts",
      present({
        id: context.args[0],
        openOnly: given(options, "--all") ? false : undefined,
        ...pageParams(options),
      }),
    );
    context.page(page, page.alerts, "alerts", "No alerts.", renderAlerts);
  },
  commands: [
    {
      name: "ack",
      arguments: [ALERT_ARGUMENT],
      says: "Say that it is known: nothing more is said of it but its end",
      examples: [["command-cron alerts ack backup", "All open alerts of the job"]],
      async action(context) {
        printChanged(context, await context.call<Changed>("alerts.ack", { ref: context.args[0] }));
      },
    },
    {
      name: "snooze",
      arguments: [ALERT_ARGUMENT],
      says: "Hear nothing of its job for a while; what is still open then is told once more",
      flags: (command) =>
        command
          .option("--for <duration>", "So long: 30m, 2h, `1 hour`")
          .option("--until <time>", "Until a time of day here, such as 08:00, `tomorrow`, or an ISO time"),
      examples: [
        ["command-cron alerts snooze 91b0aa12 --for 1h", "Quiet for an hour"],
        ["command-cron alerts snooze backup --until 08:00", "Quiet for the night"],
      ],
      async action(context) {
        const untilMs = await untilOf(context.options, context.io.nowMs());
        printChanged(context, await context.call<Changed>("alerts.snooze", { ref: context.args[0], untilMs }));
      },
    },
  ],
};

type Changed = { alerts: AlertEntry[] };

function printChanged(context: Context, result: Changed): void {
  const nowMs = context.io.nowMs();
  const lines = result.alerts.map(
    (alert) =>
      `${cleanLine(alert.jobName ?? shortId(alert.jobId))}, ${cleanLine(alert.cause)}: ${stateOf(alert, nowMs).text}.`,
  );
  context.show(result, () => lines.join("\n"));
}

async function untilOf(options: Options, nowMs: number): Promise<number> {
  const forMs = durationFlag(options, "--for");
  const until = textFlag(options, "--until");
  if ((forMs === undefined) === (until === undefined)) throw usage("--for", "either `--for` or `--until`");
  if (until === undefined) return nowMs + (forMs ?? 0);
  const begin = beginOf(until, nowMs);
  if (begin !== undefined) return begin;
  const time = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(until.trim());
  if (time === null) return Date.parse(await parseAt(until, undefined, nowMs));
  const at = new Date(nowMs);
  at.setHours(Number(time[1]), Number(time[2]), 0, 0);
  if (at.getTime() <= nowMs) at.setDate(at.getDate() + 1);
  return at.getTime();
}

function stateOf(alert: AlertEntry, nowMs: number): Cell & { text: string } {
  if (alert.closedAtMs !== undefined) return { text: "closed", tone: "dim" };
  if (alert.ackedAtMs !== undefined) return { text: `known to ${alert.ackedBy ?? "somebody"}`, tone: "warn" };
  const { snoozedUntilMs = 0 } = alert;
  if (snoozedUntilMs > nowMs) return { text: `quiet, ${relative(snoozedUntilMs, nowMs)}`, tone: "warn" };
  return { text: "open", tone: "bad" };
}

/** How it is, what is wrong, and what somebody was told of. */
export const service: readonly CliCommand[] = [status, doctor, alerts];
