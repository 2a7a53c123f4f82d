import { CommandCronError } from "../kernel/errors.ts";
import { isRecord } from "../kernel/record.ts";

export type Fields = Record<string, unknown>;

export const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** A text that says something, else undefined. */
export const filled = (value: unknown): string | undefined => text(value)?.trim() || undefined;

export const strings = (value: unknown): string[] | undefined =>
  Array.isArray(value) && value.every((part) => typeof part === "string") ? (value as string[]) : undefined;

/** A file given parsed or as text. Raises FILE_INVALID. */
export function parseJson(file: unknown, what: string): unknown {
  if (typeof file !== "string") return file;
  try {
    return JSON.parse(file);
  } catch (cause) {
    throw new CommandCronError("FILE_INVALID", { field: "file", expected: `the JSON of ${what}`, cause });
  }
}

/** The jobs of a file. Raises FILE_INVALID when they are no list. */
export function jobsOf(list: unknown): unknown[] {
  if (Array.isArray(list)) return list;
  throw new CommandCronError("FILE_INVALID", { field: "jobs", expected: "a list of jobs" });
}

/** A file of the one version that can be read. Raises FILE_INVALID, for a newer one with what to do. */
export function requireVersion(content: unknown, version: number): Fields {
  const got = isRecord(content) ? content["version"] : undefined;
  if (isRecord(content) && got === version) return content;
  const newer =
    typeof got === "number" && got > version
      ? ", written by a newer program: use that one, or a newer command-cron"
      : "";
  throw new CommandCronError("FILE_INVALID", {
    field: "version",
    expected: String(version),
    got: got === undefined ? "a file without one" : `${JSON.stringify(got)}${newer}`,
  });
}

/** Fields with a value that says something, as text: null, false, 0 and what is empty say nothing. */
export function settings(fields: Fields): [key: string, value: string][] {
  return Object.entries(fields).flatMap(([key, value]): [string, string][] => {
    const shown = typeof value === "string" ? value.trim() : JSON.stringify(value ?? null);
    return ["", "null", "false", "0", "[]", "{}"].includes(shown) ? [] : [[key, shown]];
  });
}
