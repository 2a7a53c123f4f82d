import { CommandCronError, errorText } from "../../kernel/errors.ts";
import { GatewayCallError } from "../gateway/index.ts";
import type { CliIo } from "../io.ts";
import { cleanLine, wrapWords } from "../render/index.ts";

export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;

/** JSON that is safe to print: what a terminal might act on is escaped, which leaves the value as it is. */
export const safeJson = (value: unknown): string =>
  JSON.stringify(value, null, 2).replaceAll(
    /[\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** A sentence on stderr, broken between words where that is a terminal. */
export const fitted = ({ stderr }: CliIo, text: string): string =>
  stderr.isTTY === true && stderr.columns ? wrapWords(text, stderr.columns).join("\n") : text;

/** How an error ends the command: the line for stderr, the object for JSON mode, the exit code. */
export function outcomeOf(error: unknown): { message: string; code: string; details: unknown; exitCode: number } {
  if (error instanceof CommandCronError) {
    const exitCode = error.code === "USAGE" ? EXIT_USAGE : EXIT_FAILED;
    return { message: error.message, code: error.code, details: error.details, exitCode };
  }
  if (error instanceof GatewayCallError && error.code !== "INVALID_REQUEST") {
    return { message: error.message, code: error.code, details: error.details, exitCode: EXIT_FAILED };
  }
  if (/^unknown method: cron\.command\./.test(errorText(error)))
    return outcomeOf(new CommandCronError("PLUGIN_NOT_LOADED"));
  const found = error as { gatewayCode?: unknown; details?: { code?: unknown } } | undefined;
  const code = found?.details?.code ?? found?.gatewayCode;
  return {
    message: errorText(error),
    code: typeof code === "string" ? code : "GATEWAY_REFUSED",
    details: {},
    exitCode: EXIT_FAILED,
  };
}

/** The failure as JSON mode has it, whatever went wrong. */
export function printFailure(io: CliIo, code: string, message: string, details: unknown = {}): void {
  io.stdout.write(`${safeJson({ ok: false, error: { code, message, details } })}\n`);
}

/** Writes the failure of a command and sets its exit code. */
export function reportFailure(io: CliIo, json: boolean, error: unknown): void {
  const { message, code, details, exitCode } = outcomeOf(error);
  io.stderr.write(`${fitted(io, `error: ${cleanLine(message)}`)}\n`);
  if (json) printFailure(io, code, message, details);
  io.setExitCode(exitCode);
}
