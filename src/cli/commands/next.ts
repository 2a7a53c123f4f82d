import type { EngineApi } from "../../engine/api.ts";
import { present } from "../../kernel/present.ts";
import { countFlag, parseSchedule, textFlag, usage } from "../flags/index.ts";
import { afterText, cleanLine, renderInstants, shortId } from "../render/index.ts";
import type { CliCommand } from "./command.ts";

/** Tells a schedule from the id or name of a job. */
function looksLikeSchedule(text: string): boolean {
  const fields = text.trim().split(/\s+/);
  if (/^(every|in)\s+\d|^@[a-z]+$/i.test(text.trim()) || /^\d{4}-\d{2}-\d{2}/.test(text.trim())) return true;
  if (/^\+?\d+(\.\d+)?(ms|s|m|h|d|w)$/i.test(text.trim())) return true;
  const cronField = /^[\d*?/,LW#A-Za-z-]+$/;
  const [first = ""] = fields;
  return (
    (fields.length === 5 || fields.length === 6) &&
    fields.every((field) => cronField.test(field)) &&
    /[\d*]/.test(first)
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
    const result = await context.call<ReturnType<EngineApi["next"]>>("next", present({ ...target, count }));
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
