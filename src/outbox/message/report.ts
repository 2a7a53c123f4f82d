import type { ReportParams } from "../../../schema/wire/calls/told.ts";
import type { Destination } from "../../../schema/wire/delivery.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import { webhookUrlProblem } from "../../policy/addresses/index.ts";

/** A checkpoint in its reporter's own words. Nothing is ever read out of logs. */
type ReportFields = Omit<ReportParams, "to" | "dryRun">;

/** A report as a file holds it: fields, perhaps a destination of its own, and free text below. */
interface FiledReport extends ReportFields {
  destination?: Destination;
  body: string;
}

/** The message: all eight fields, each as it was given, then the free text. */
export function renderReport(report: ReportFields, body = ""): string {
  const lines = [
    `Report ${report.taskId} from ${report.worker}, team ${report.team}`,
    `Status: ${report.status}`,
    `Progress: ${report.progress}`,
    `Done: ${report.done}`,
    `Next: ${report.next}`,
    `Source: ${report.source}`,
  ];
  return body === "" ? lines.join("\n") : `${lines.join("\n")}\n\n${body}`;
}

const REQUIRED = ["team", "worker", "taskId", "status"] as const;
const OPTIONAL = ["progress", "done", "next", "source"] as const;
const TARGET = ["mode", "channel", "to", "accountId", "threadId"] as const;
type Key = (typeof REQUIRED)[number] | (typeof OPTIONAL)[number] | (typeof TARGET)[number];
const KEYS: readonly string[] = [...REQUIRED, ...OPTIONAL, ...TARGET];
const FENCE = "---";

/**
 * Reads a report file: lines of `key: value`, with or without a `---` line around them, then a blank line or fence, then
 * free text. Keys are the eight fields (`task-id` is accepted for `taskId`) and a destination's. A text without them, such
 * as a log, is refused: FILE_INVALID, which names what is wrong.
 */
export function parseReport(bytes: Uint8Array, file: string): FiledReport {
  const refuse = (expected: string, got: string): never => {
    throw new CommandCronError("FILE_INVALID", { field: file, expected, got });
  };
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refuse("UTF-8 text", "other bytes");
  }
  const { front, body } = split(text);
  const fields: Partial<Record<Key, string>> = {};
  for (const line of front) {
    const match = /^([A-Za-z][A-Za-z-]*)[ \t]*:[ \t]?(.*)$/.exec(line);
    const key = match === null ? undefined : keyOf(match[1] ?? "");
    if (match === null || key === undefined)
      return refuse(`lines of ${KEYS.join(", ")}`, JSON.stringify(line.slice(0, 80)));
    if (fields[key] !== undefined) return refuse(`${key} once`, "it twice");
    fields[key] = match[2] ?? "";
  }
  for (const key of REQUIRED) {
    if ((fields[key] ?? "").trim() === "") return refuse(REQUIRED.join(", "), `no ${key}`);
  }
  const { team = "", worker = "", taskId = "", status = "", progress = "", done = "", next = "", source = "" } = fields;
  const said = { team, worker, taskId, progress, done, next, status, source, body };
  return { ...said, ...present({ destination: destinationIn(fields, refuse) }) };
}

function keyOf(word: string): Key | undefined {
  const key = word.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return KEYS.includes(key) ? (key as Key) : undefined;
}

function split(text: string): { front: string[]; body: string } {
  const fenced = /^---[ \t]*\r?\n/.exec(text);
  const front: string[] = [];
  let at = fenced?.[0].length ?? 0;
  while (at < text.length) {
    const end = text.indexOf("\n", at);
    const line = text.slice(at, end < 0 ? text.length : end).replace(/\r$/, "");
    at = end < 0 ? text.length : end + 1;
    const bare = line.trimEnd();
    if (fenced === null ? bare === "" : bare === FENCE) break;
    if (bare !== "") front.push(line);
  }
  return { front, body: text.slice(at).replace(/^(\r?\n)+/, "") };
}

function destinationIn(
  fields: Partial<Record<Key, string>>,
  refuse: (expected: string, got: string) => never,
): Destination | undefined {
  if (!TARGET.some((key) => fields[key] !== undefined)) return undefined;
  const { mode = "announce", channel, to, accountId, threadId } = fields;
  if (mode !== "announce" && mode !== "webhook") return refuse("mode announce or webhook", mode);
  if (to === undefined || to.trim() === "") return refuse("a destination with `to`", "none");
  const problem = mode === "webhook" ? webhookUrlProblem(to) : undefined;
  if (problem !== undefined)
    return refuse("an http or https URL that fetch connects to, without user name or password", problem);
  if (mode === "announce" && channel === undefined) return refuse("a destination with `channel`", "none");
  return { mode, to, ...present({ channel, accountId, threadId }) };
}
