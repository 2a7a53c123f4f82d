import { present } from "../../kernel/present.ts";
import { choiceFlag, durationSecondsFlag, given, type Options, textFlag, usage } from "./parse.ts";

/** Where a command runs, when not on the gateway's host. */
export const TARGET_FLAGS: readonly (readonly [flags: string, text: string])[] = [
  ["--node <node>", "Run on a paired node, by id or name: `command-cron nodes`"],
  ["--node-tag <tag>", "Run on nodes with this tag (setting `nodes`)"],
  ["--node-mode <mode>", "With --node-tag: any (default), one connected node; all, a run on each"],
  ["--node-offline <what>", "The node is not connected: wait (default), skip, elsewhere (here)"],
  ["--node-lost-after <duration>", "A run whose node is out of reach for so long is lost (default 1h)"],
];

/** `whole`: another target than before; `rules`: what is changed of the one there is. */
export function targetOf(options: Options): { whole?: Record<string, unknown> | null; rules: Record<string, unknown> } {
  if (given(options, "--no-node")) return { whole: null, rules: {} };
  const node = textFlag(options, "--node");
  const tag = textFlag(options, "--node-tag");
  const mode = choiceFlag(options, "--node-mode", ["any", "all"]);
  const rules = present({
    offline: choiceFlag(options, "--node-offline", ["wait", "skip", "elsewhere"]),
    lostAfterSeconds: durationSecondsFlag(options, "--node-lost-after"),
  });
  if (node !== undefined && tag !== undefined) throw usage("--node, --node-tag", "one of them");
  if (tag === undefined && mode !== undefined) throw usage("--node-mode", "`--node-tag` beside it", "nothing");
  if (node !== undefined) return { whole: { node, ...rules }, rules: {} };
  return tag === undefined ? { rules } : { whole: { tag, mode: mode ?? "any", ...rules }, rules: {} };
}
