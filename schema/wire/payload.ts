import { type Static, Type } from "@sinclair/typebox";
import { Bytes, closed, NonEmpty, nullable, optional } from "./common.ts";

/** One argument may be this long: Linux refuses longer ones (MAX_ARG_STRLEN is 131072 with the final NUL). */
export const MAX_ARG_BYTES = 131_071;
/** argv and env of a job together; safely below Linux' default of 2 MiB for everything exec copies. */
export const MAX_ARGV_ENV_BYTES = 1_048_576;
/** stdin of a command. Larger input belongs in a file. */
export const MAX_INPUT_BYTES = 4_194_304;
export const DEFAULT_TIMEOUT_SECONDS = 600;
export const DEFAULT_OUTPUT_MAX_BYTES = 16 * 1024 * 1024;
/** Longer limits cannot be armed by a timer; about 24.8 days. */
export const MAX_TIMEOUT_SECONDS = 2_147_483;

const commandFields = {
  cwd: optional(
    Type.String({ minLength: 1, pattern: "\\S" }),
    "Working directory; `~` is the home directory of the gateway's user, and the default. A relative one lies there.",
  ),
  env: optional(Type.Record(NonEmpty, Type.String()), "Added to the child's environment."),
  input: optional(Type.String(), "Text for standard input."),
  inputFrom: optional(Type.Literal("parent"), "Standard input is what the parent's run printed to stdout."),
  noOutputTimeoutSeconds: optional(
    Type.Number({ minimum: 0, maximum: MAX_TIMEOUT_SECONDS }),
    "Ends a silent command; 0 or absent = never.",
  ),
  outputMaxBytes: optional(Bytes(), "Bytes kept of each stream, newest first to stay; default 16 MiB."),
};

export const timeoutSeconds = Type.Number({
  minimum: 0,
  maximum: MAX_TIMEOUT_SECONDS,
  description: "Wall-clock limit; default 600; 0 = none.",
});

/** What: exact argv, no shell. The first element names the program; later ones may be empty. */
export const CommandPayload = closed({
  kind: Type.Literal("command"),
  argv: Type.Array(Type.String(), { minItems: 1, description: "Program and arguments." }),
  ...commandFields,
  timeoutSeconds: optional(timeoutSeconds),
});

export const CommandPayloadPatch = closed({
  kind: optional(Type.Literal("command")),
  argv: optional(Type.Array(Type.String(), { minItems: 1 })),
  ...commandFields,
  inputFrom: optional(Type.Union([Type.Literal("parent"), Type.Null()])),
  timeoutSeconds: optional(nullable(timeoutSeconds)),
});
export type CommandPayloadPatch = Static<typeof CommandPayloadPatch>;
