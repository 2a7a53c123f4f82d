import { CommandCronError } from "../kernel/errors.ts";

export type Fields = Record<string, unknown>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

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
