import { createHash, createHmac } from "node:crypto";
import { realpath } from "node:fs/promises";
import { CommandCronError } from "../../kernel/errors.ts";
import { pick } from "../../kernel/present.ts";
import { type Approved, type CommandSpec, PROGRESS_VARIABLE, STATE_VARIABLE, STEP_VARIABLE } from "../types.ts";
import { contentOf, namedFiles } from "./named-files.ts";

type Described = Pick<CommandSpec, "argv" | "cwd" | "env" | "input" | "inputFile" | "verify">;

/** These are made when the attempt is. */
const NOT_YET: ReadonlySet<string> = new Set([PROGRESS_VARIABLE, STATE_VARIABLE, STEP_VARIABLE]);
const NAMED = 5;

/**
 * Keyed hashes of everything that makes a command what it is: argv, directory, each variable, input, check, and the bytes of
 * every file that its argv, or that of its check, names as program or script.
 */
export async function fingerprint(
  spec: Described,
  { key, references }: Pick<Approved, "key" | "references">,
): Promise<Approved["parts"]> {
  const secret = Buffer.from(key, "base64");
  const parts: Approved["parts"] = {};
  const note = (name: string, value: string): void => {
    parts[name] = createHmac("sha256", secret).update(`${name}\0${value}`).digest("hex");
  };
  const cwd = spec.cwd ?? "";
  note("arguments", JSON.stringify(spec.argv));
  note("directory", JSON.stringify([cwd, await realpath(cwd === "" ? "." : cwd).catch(() => null)]));
  for (const [name, value] of Object.entries(spec.env)) {
    if (NOT_YET.has(name)) continue;
    const reference = Object.hasOwn(references, name) ? references[name] : undefined;
    note(`variable ${name}`, reference === undefined ? `value ${value}` : `reference ${reference}`);
  }
  if (spec.input !== undefined) note("input", createHash("sha256").update(spec.input).digest("hex"));
  if (spec.inputFile !== undefined) note("input", bytesIn(await contentOf(spec.inputFile)));
  if (spec.verify !== undefined) note("check", JSON.stringify(spec.verify));
  const noteFiles = async (what: string, of: Parameters<typeof namedFiles>[0]): Promise<void> => {
    for (const [word, path] of await namedFiles(of)) note(`${what} ${word}`, (await contentOf(path)) ?? "unreadable");
  };
  await noteFiles("file", spec);
  if (spec.verify !== undefined) await noteFiles("check's file", { ...spec, ...pick(spec.verify, "argv", "cwd") });
  return parts;
}

/** What was read from a file that lies elsewhere each time. */
const bytesIn = (content: string | undefined): string => content?.split("\0")[1] ?? "unreadable";

/** Which parts differ, those that are gone or came included. */
const differences = (before: Approved["parts"], now: Approved["parts"]): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((name) => before[name] !== now[name]).sort();

/** Says what has changed since it was approved; undefined when nothing has, or nothing had to be approved. */
export async function changedAfterApproval(spec: CommandSpec): Promise<CommandCronError | undefined> {
  const { approved } = spec;
  if (approved === undefined) return undefined;
  const changed = differences(approved.parts, await fingerprint(spec, approved));
  if (changed.length === 0) return undefined;
  const more = changed.length > NAMED ? ` and ${changed.length - NAMED} more` : "";
  return new CommandCronError("CHANGED_AFTER_APPROVAL", { got: `${changed.slice(0, NAMED).join(", ")}${more}` });
}
