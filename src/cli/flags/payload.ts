import type { CommandPayloadPatch } from "../../../schema/wire/payload.ts";
import { present } from "../../kernel/present.ts";
import { countFlag, type Options, parseJsonFlag, secondsFlag, textFlag, usage } from "./parse.ts";

/** A shell line as argv: `sh -lc` as the gateway stores it, the platform's shell on Windows. */
export const shellArgv = (line: string, platform: NodeJS.Platform): string[] =>
  platform === "win32" ? ["cmd.exe", "/d", "/s", "/c", line] : ["sh", "-lc", line];

/** The argv of two flags of which one may be given: `--<flag> <line>` and `--<flag>-argv <json>`. */
export function argvOf(options: Options, platform: NodeJS.Platform, flag = "command"): string[] | undefined {
  const { [flag]: line, [`${flag}Argv`]: json } = options;
  if (line !== undefined && json !== undefined) {
    throw usage(`--${flag}, --${flag}-argv`, "exactly one of them", "both");
  }
  if (typeof line === "string") {
    if (line.trim() === "") throw usage(`--${flag}`, "a shell line", "a blank text");
    return shellArgv(line, platform);
  }
  if (typeof json !== "string") return undefined;
  const argv = parseJsonFlag(json, `--${flag}-argv`);
  if (!Array.isArray(argv) || argv.length === 0 || argv.some((part) => typeof part !== "string")) {
    throw usage(`--${flag}-argv`, 'a JSON list of texts such as \'["df","-h"]\', not empty', "something else");
  }
  return argv as string[];
}

function envOf(options: Options): Record<string, string> | undefined {
  const pairs = options["commandEnv"];
  if (!Array.isArray(pairs)) return undefined;
  const env: [string, string][] = [];
  for (const pair of pairs as string[]) {
    const equals = pair.indexOf("=");
    const name = equals > 0 ? pair.slice(0, equals).trim() : "";
    if (name === "") throw usage("--command-env", "KEY=VALUE", equals === -1 ? "no `=`" : "an empty name");
    env.push([name, pair.slice(equals + 1)]);
  }
  return Object.fromEntries(env);
}

function parentInput({ inputFromParent }: Options): "parent" | null | undefined {
  if (typeof inputFromParent !== "boolean") return undefined;
  return inputFromParent ? "parent" : null;
}

/** The parts of the payload the flags name. */
export function payloadFromFlags(options: Options, platform: NodeJS.Platform): CommandPayloadPatch {
  return present({
    argv: argvOf(options, platform),
    cwd: textFlag(options, "commandCwd", "--command-cwd"),
    env: envOf(options),
    input: typeof options["commandInput"] === "string" ? options["commandInput"] : undefined,
    inputFrom: parentInput(options),
    timeoutSeconds: secondsFlag(options, "timeoutSeconds", "--timeout-seconds"),
    // Commander reads `--no-output-…` as the negation of `--output-…`.
    noOutputTimeoutSeconds: secondsFlag(options, "outputTimeoutSeconds", "--no-output-timeout-seconds"),
    outputMaxBytes: countFlag(options, "outputMaxBytes", "--output-max-bytes", 1),
  });
}
