import { letters, type Part, propertiesOf, someCronPart, textsOf } from "./tool-call.ts";

/** Keys that only a command payload has. */
const COMMAND_KEYS = new Set([
  "command",
  "commandline",
  "commandcwd",
  "commandenv",
  "commandinput",
  "cmd",
  "shellcommand",
]);

/**
 * Whether a tool call tries to create or edit a job that runs a command, in whatever shape. What cannot be read counts as
 * found.
 */
export function findsCommandPayload(toolName: string, params: unknown): boolean {
  try {
    return someCronPart(toolName, params, isCommandPart);
  } catch {
    return true;
  }
}

function isCommandPart({ key, value }: Part): boolean {
  const name = letters(key);
  if (name.endsWith("kind") || name === "type" || name.endsWith("payloadtype")) {
    return textsOf(value).some((text) => letters(text) === "command");
  }
  return (COMMAND_KEYS.has(name) || name.endsWith("argv")) && carriesSomething(value);
}

function carriesSomething(value: unknown): boolean {
  if (typeof value === "string") return value.trim() !== "";
  return typeof value === "object" && value !== null && propertiesOf(value).length > 0;
}
