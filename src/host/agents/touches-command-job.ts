import { isProse, letters, someCronPart, textsOf, words } from "./tool-call.ts";

/** What an agent may do to a job that runs a command: look. Everything else changes it or starts it. */
const READS = new Set(["list", "status", "get", "show", "read", "runs", "history", "next"]);

/**
 * Whether a tool call names a command job in order to do more than look at it. `holds` answers whether an id is one of
 * ours. What cannot be read counts as such.
 */
export function touchesCommandJob(toolName: string, params: unknown, holds: (id: string) => boolean): boolean {
  let named = false;
  let reads = false;
  let changes = false;
  try {
    someCronPart(toolName, params, ({ key, value }) => {
      const name = letters(key);
      const action = name === "action" ? letters : name === "method" ? lastWord : undefined;
      for (const text of textsOf(value)) {
        if (action === undefined) named ||= !isProse(key) && isHeld(text, holds);
        else if (READS.has(action(text))) reads = true;
        else changes = true;
      }
      return false;
    });
  } catch {
    return true;
  }
  return named && (changes || !reads);
}

/** Of `cron.run` the `run`. */
const lastWord = (text: string): string => words(text).findLast((word) => word !== "") ?? "";

function isHeld(text: string, holds: (id: string) => boolean): boolean {
  const id = text.trim();
  return id !== "" && (holds(id) || holds(id.toLowerCase()));
}
