import type { Command } from "commander";
import type { AlertEntry, DoctorFinding, EngineApi, StatusReport } from "../../engine/api.ts";
import { findTwice } from "../elsewhere/index.ts";
import { compact, countFlag, given } from "../flags/index.ts";
import type { CliIo } from "../io.ts";
import {
  type Cell,
  relative,
  renderStatus,
  renderTable,
  shortId,
  styleOf,
  targetText,
  toneOf,
} from "../render/index.ts";
import { addCommand, type Context, EXIT_FAILED, EXIT_OK } from "./command.ts";
import { JOB_ARGUMENT, pageNote } from "./jobs.ts";
import { placeOfMoves } from "./take-over.ts";

function addStatusCommand(root: Command, io: CliIo): void {
  addCommand(root, io, {
    name: "status",
    says: "Show how the service is; exit 1 when something needs a look",
    examples: [["command-cron status", "Jobs, runs, deliveries, runner, findings"]],
    async action(context) {
      const status = await context.call<StatusReport>("status");
      if (context.json) context.printJson(status);
      else context.print(renderStatus(status, io.nowMs(), styleOf(io)));
      return status.state === "running" ? EXIT_OK : EXIT_FAILED;
    },
  });
}

/** What is on here and is started by this user's crontab or timers as well; nothing where that is another host's matter. */
async function twice(context: Context): Promise<DoctorFinding[]> {
  const place = await placeOfMoves(context).catch(() => undefined);
  if (place === undefined) return [];
  const { stateDir, origin } = place;
  return findTwice(context.io, stateDir, (file, format) => context.call("import", { file, format, origin }));
}

function addDoctor(root: Command, io: CliIo): void {
  addCommand(root, io, {
    name: "doctor",
    says: "Look for what is wrong or risky; exit 1 when there is an error",
    examples: [["command-cron doctor", "Each finding with what to do about it"]],
    async action(context) {
      const { findings } = await context.call<{ findings: DoctorFinding[] }>("doctor");
      findings.push(...(await twice(context)));
      const rows = findings.map(({ level, check, detail, action }) => [
        { text: level, tone: toneOf(level) },
        check,
        action === undefined ? detail : `${detail} -> ${action}`,
      ]);
      const columns = [{ title: "Level" }, { title: "Check", wraps: true }, { title: "Finding", wraps: true }];
      if (context.json) context.printJson({ findings });
      else context.print(findings.length === 0 ? "Nothing found." : renderTable(columns, rows, styleOf(io)));
      return findings.some(({ level }) => level === "error") ? EXIT_FAILED : EXIT_OK;
    },
  });
}

/** Since when somebody knows. Without a route a message that is not out yet never will be. */
function toldText({ notifiedAtMs, route }: AlertEntry, nowMs: number): Cell {
  if (notifiedAtMs !== undefined) return { text: relative(notifiedAtMs, nowMs), tone: "plain" };
  return route === undefined ? { text: "nobody", tone: "bad" } : { text: "not yet", tone: "dim" };
}

function addAlerts(root: Command, io: CliIo): void {
  addCommand(root, io, {
    name: "alerts",
    arguments: [["[id]", JOB_ARGUMENT[1]]],
    says: "List open alerts",
    flags: (command) =>
      command
        .option("--all", "Closed ones as well")
        .option("--limit <n>", "Rows, 1 to 200 (default 50)")
        .option("--offset <n>", "Rows to leave out first"),
    examples: [["command-cron alerts --all", "Every incident on record"]],
    async action(context) {
      const { options } = context;
      const page = await context.call<ReturnType<EngineApi["alerts"]>>(
        "alerts",
        compact({
          id: context.args[0],
          openOnly: given(options, "all") ? false : undefined,
          limit: countFlag(options, "limit", "--limit", 1),
          offset: countFlag(options, "offset", "--offset", 0),
        }),
      );
      const rows = page.alerts.map((alert) => [
        alert.closedAtMs === undefined
          ? { text: "open", tone: "bad" as const }
          : { text: "closed", tone: "dim" as const },
        alert.jobName ?? shortId(alert.jobId),
        alert.cause,
        String(alert.occurrences),
        relative(alert.openedAtMs, io.nowMs()),
        relative(alert.closedAtMs, io.nowMs()),
        toldText(alert, io.nowMs()),
        alert.route === undefined ? "-" : targetText(alert.route),
      ]);
      const columns = [
        { title: "State" },
        { title: "Job", wraps: true },
        { title: "Cause", wraps: true },
        { title: "Times", drop: 3 },
        { title: "Opened", drop: 5 },
        { title: "Closed", drop: 1 },
        { title: "Told", drop: 4 },
        { title: "Route", wraps: true, drop: 2 },
      ];
      if (context.json) context.printJson(page);
      else context.print(rows.length === 0 ? "No alerts." : renderTable(columns, rows, styleOf(io)));
      pageNote(context, page, rows.length, "alerts");
      return undefined;
    },
  });
}

export function addStatus(root: Command, io: CliIo): void {
  addStatusCommand(root, io);
  addDoctor(root, io);
  addAlerts(root, io);
}
