import type { NextResult } from "../../../schema/wire/calls/jobs.ts";
import { present } from "../../kernel/present.ts";
import { countFlag, parseSchedule, readDuration, textFlag, usage } from "../flags/index.ts";
import { afterText, cleanLine, renderInstants, shortId } from "../render/index.ts";
import type { CliCommand } from "./command.ts";

const CRON_FIELD = /^[\d*?/,LW#A-Za-z-]+$/;

/** Tells a schedule from the id or name of a job. */
function looksLikeSchedule(given: string): boolean {
  const text = given.trim();
  if (/^(every|in)\s+\d|^@[a-z]+$|^\d{4}-\d{2}-\d{2}/i.test(text)) return true;
  // Digits alone may begin an id.
  if (/[a-z]/i.test(text) && readDuration(text.replace(/^\+/, "")) !== undefined) return true;
  const fields = text.split(/\s+/);
  return (
    [5, 6].includes(fields.length) && fields.every((field) => CRON_FIELD.test(field)) && /[\d*]/.test(fields[0] ?? "")
  );
}

export const next: CliCommand = {
  name: "next",
  arguments: [["<jobOrSchedule>", "Job id or name, or a schedule as `create` takes it"]],
  says: "Preview when a job or a schedule fires, clock changes marked",
  flags: (command) =>
    command
      .option("--count <n>", "How many instants, 1 to 1000 (default 10)")
      .option("--tz <iana>", "Time zone of a cron expression (default: the gateway host's)"),
  examples: [
    ["command-cron next Backup --count 3", "The next three instants of a job"],
    ['command-cron next "30 2 * * *" --tz Europe/Berlin', "An expression before you use it"],
  ],
  async action(context) {
    const text = context.args[0] ?? "";
    const tz = textFlag(context.options, "--tz");
    const count = countFlag(context.options, "--count", 1);
    const isSchedule = looksLikeSchedule(text);
    if (tz !== undefined && !isSchedule) throw usage("--tz", "a schedule", "a job, which has its own");
    const target = isSchedule
      ? { schedule: await parseSchedule(text, present({ tz }), context.io.nowMs()) }
      : { id: text };
    const result = await context.call<NextResult>("next", present({ ...target, count }));
    const { after, instants } = result;
    if (after === undefined) {
      context.list(result, instants, "Never again.", renderInstants);
      context.note(`time zone: ${cleanLine(result.timeZone)}`);
    } else {
      const parent = after.jobName ?? `${shortId(after.jobId)}, which is gone`;
      context.show(result, () => cleanLine(afterText(parent, after)));
    }
  },
};
