import { isProse, letters, NAME_MAX, type Part, propertiesOf, someCronPart, textsOf, words } from "./tool-call.ts";

/** Keys that only a command payload has. */
const COMMAND_KEYS = new Set("command commandline commandcwd commandenv commandinput cmd shellcommand".split(" "));
/** What an agent may do to a job that runs a command: look. Everything else changes it or starts it. */
const READS = new Set(["list", "status", "get", "show", "read", "runs", "history", "next"]);
/** Texts of one call that are looked up as ids of jobs; each asks the ledger. */
const LOOKUPS_MAX = 200;

/** What an agent's tool call is about that it may not do. */
export type Offence =
  /** To create or edit a job that runs a command. */
  | "command-payload"
  /** To do more than look at a job that runs a command. */
  | "command-job";

/**
 * What is wrong with a tool call, in whatever shape; undefined when nothing is. `holds` answers whether an id is one of
 * ours. What cannot be read, or is too large to be read in passing, counts as the worst.
 */
export function offenceOf(toolName: string, params: unknown, holds: (id: string) => boolean): Offence | undefined {
  let named = false;
  let reads = false;
  let changes = false;
  const looked = new Map<string, boolean>();

  function isHeld(text: string): boolean {
    const id = text.trim();
    if (id === "" || id.length > NAME_MAX) return false;
    const before = looked.get(id);
    if (before !== undefined) return before;
    if (looked.size >= LOOKUPS_MAX) throw new Error("too many names to be judged");
    const lower = id.toLowerCase();
    const held = holds(id) || (lower !== id && holds(lower));
    looked.set(id, held);
    return held;
  }

  function visit(part: Part): boolean {
    if (isCommandPart(part)) return true;
    const { key, value } = part;
    const action = key === "action" ? letters : key === "method" ? lastWord : undefined;
    for (const text of textsOf(value)) {
      if (action === undefined) named ||= !isProse(key) && isHeld(text);
      else if (text.length <= NAME_MAX && READS.has(action(text))) reads = true;
      else changes = true;
    }
    return false;
  }

  try {
    if (someCronPart(toolName, params, visit)) return "command-payload";
  } catch {
    return "command-payload";
  }
  return named && (changes || !reads) ? "command-job" : undefined;
}

function isCommandPart({ key, value }: Part): boolean {
  if (key.endsWith("kind") || key === "type" || key.endsWith("payloadtype")) {
    return textsOf(value).some((text) => text.trim().length <= NAME_MAX && letters(text) === "command");
  }
  return (COMMAND_KEYS.has(key) || key.endsWith("argv")) && carriesSomething(value);
}

function carriesSomething(value: unknown): boolean {
  if (typeof value === "string") return value.trim() !== "";
  return typeof value === "object" && value !== null && propertiesOf(value).length > 0;
}

/** Of `cron.run` the `run`. */
const lastWord = (text: string): string => words(text).findLast((word) => word !== "") ?? "";
