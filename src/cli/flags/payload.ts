import type { CommandPayloadPatch } from "../../../schema/wire/payload.ts";
import { present } from "../../kernel/present.ts";
import {
  countFlag,
  type Options,
  onOffFlag,
  parseJsonFlag,
  rawFlag,
  rawListFlag,
  secondsFlag,
  textFlag,
  usage,
} from "./parse.ts";

/** A shell line as argv: `sh -lc` as the gateway stores it, the platform's shell on Windows. */
const shellArgv = (line: string, platform: NodeJS.Platform): string[] =>
  platform === "win32" ? ["cmd.exe", "/d", "/s", "/c", line] : ["sh", "-lc", line];

/** The argv of two flags of which one may be given: `--<flag> <line>` and `--<flag>-argv <json>`. */
export function argvOf(options: Options, platform: NodeJS.Platform, flag = "command"): string[] | undefined {
  const [line, json] = [rawFlag(options, `--${flag}`), rawFlag(options, `--${flag}-argv`)];
  if (line !== undefined && json !== undefined) {
    throw usage(`--${flag}, --${flag}-argv`, "exactly one of them", "both");
  }
  if (line !== undefined) {
    if (line.trim() === "") throw usage(`--${flag}`, "a shell line", "a blank text");
    return shellArgv(line, platform);
  }
  if (json === undefined) return undefined;
  const argv = parseJsonFlag(json, `--${flag}-argv`);
  if (!Array.isArray(argv) || argv.length === 0 || argv.some((part) => typeof part !== "string")) {
    throw usage(`--${flag}-argv`, 'a JSON list of texts such as \'["df","-h"]\', not empty', "something else");
  }
  return argv as string[];
}

function envOf(options: Options): Record<string, string> | undefined {
  const pairs = rawListFlag(options, "--command-env");
  if (pairs === undefined) return undefined;
  const env: [string, string][] = [];
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    const name = equals > 0 ? pair.slice(0, equals).trim() : "";
    if (name === "") throw usage("--command-env", "KEY=VALUE", equals === -1 ? "no `=`" : "an empty name");
    env.push([name, pair.slice(equals + 1)]);
  }
  return Object.fromEntries(env);
}

function parentInput(options: Options): "parent" | null | undefined {
  const fromParent = onOffFlag(options, "--input-from-parent");
  return fromParent === false ? null : fromParent && "parent";
}

/** The parts of the payload the flags name. */
export function payloadFromFlags(options: Options, platform: NodeJS.Platform): CommandPayloadPatch {
  return present({
    argv: argvOf(options, platform),
    cwd: textFlag(options, "--command-cwd"),
    env: envOf(options),
    input: rawFlag(options, "--command-input"),
    inputFrom: parentInput(options),
    timeoutSeconds: secondsFlag(options, "--timeout-seconds"),
    noOutputTimeoutSeconds: secondsFlag(options, "--no-output-timeout-seconds"),
    outputMaxBytes: countFlag(options, "--output-max-bytes", 1),
  });
}
