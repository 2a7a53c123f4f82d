import { DEFAULT_TARGET, type NodeRef, type NodeSettings, type Target } from "../../../schema/wire/target.ts";
import { SECOND_MS } from "../../kernel/durations.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import type { JobDefinition } from "../../ledger/types.ts";
import { directoryOf } from "../../runner/port.ts";
import type { EngineDeps } from "../deps.ts";

const tagged = new WeakMap<NodeSettings, ReadonlyMap<string, readonly string[]>>();

/** The nodes of each tag, by the names that the settings use, in their order. Settings do not change in an engine's life. */
function tagsOf(settings: NodeSettings): ReadonlyMap<string, readonly string[]> {
  const known = tagged.get(settings);
  if (known !== undefined) return known;
  const names = Object.keys(settings).sort();
  const pairs = names.flatMap((name) => [...new Set(settings[name]?.tags)].map((tag) => ({ tag, name })));
  const byTag = Map.groupBy(pairs, ({ tag }) => tag);
  const made = new Map([...byTag].map(([tag, its]) => [tag, its.map(({ name }) => name)]));
  tagged.set(settings, made);
  return made;
}

/** The nodes that the settings give a tag, by the names they use, in their order. */
const nodesWithTag = (tag: string, settings: NodeSettings = {}): readonly string[] => tagsOf(settings).get(tag) ?? [];

/** The nodes on each of which an occurrence of the job has a run of its own; undefined: it has one run. */
export function eachNode(
  target: Target | undefined,
  settings: NodeSettings | undefined,
): readonly string[] | undefined {
  if (target === undefined || !("tag" in target) || target.mode !== "all") return undefined;
  const nodes = nodesWithTag(target.tag, settings);
  // An occurrence is never passed over in silence: its one run says that no node has the tag.
  return nodes.length === 0 ? undefined : nodes;
}

/** The nodes that one run may go to; `node`: the one that it is for. */
export function nodesFor(
  target: Target,
  node: string | undefined,
  settings: NodeSettings | undefined,
): readonly string[] {
  if ("node" in target) return [target.node];
  return node === undefined ? nodesWithTag(target.tag, settings) : [node];
}

/** These names without those that mean a node that another of them means already, as far as its gateway says. */
export function eachOnce(names: readonly string[], nodes: readonly NodeRef[]): readonly string[] {
  const ids = new Map(nodes.flatMap(({ id, name }) => [[name, id] as const, [id, id] as const]));
  return [...new Map(names.toReversed().map((name) => [ids.get(name) ?? name, name])).values()].reverse();
}

/** What is done when the node is not there, and for how long it is waited for. */
export const targetRules = ({ offline, lostAfterSeconds }: Pick<Target, "offline" | "lostAfterSeconds">) => ({
  offline: offline ?? DEFAULT_TARGET.offline,
  lostAfterMs: (lostAfterSeconds ?? DEFAULT_TARGET.lostAfterSeconds) * SECOND_MS,
});

/** What a job on a node cannot have, by field, and why. */
function unsupported({ schedule, payload, policy }: JobDefinition): [field: string, why: string][] {
  const all = policy?.target !== undefined && "tag" in policy.target && policy.target.mode === "all";
  const found: [string, unknown, string][] = [
    ["payload.inputFrom", payload.inputFrom, "what the parent printed lies on the gateway's host"],
    ["policy.env.pass", policy?.env?.pass, "the gateway's variables are not those of a node"],
    ["policy.env.inherit", policy?.env?.inherit === "gateway" || undefined, "the gateway's variables stay with it"],
    ["policy.onGatewayExit", policy?.onGatewayExit === "stop" || undefined, "a node goes on when the gateway is gone"],
    ["policy.approval", policy?.approval, "what is approved is checked with files of the gateway's host"],
    ["policy.state", all ? policy?.state : undefined, "runs on several nodes at once would lose one another's"],
    [
      "policy.target.mode",
      all && schedule.kind === "after" ? schedule : undefined,
      "a job that follows another has one run for each end of it",
    ],
  ];
  return found.flatMap(([field, value, why]) => (value === undefined ? [] : [[field, why]]));
}

/**
 * Raises NODES_UNAVAILABLE, POLICY_UNSUPPORTED, NODE_TAG_UNKNOWN, NODE_UNKNOWN and NODE_AMBIGUOUS. A gateway that cannot
 * name its nodes now is not waited for: a run says then what is wrong.
 */
export async function checkTarget(
  { runner, config }: Pick<EngineDeps, "runner" | "config">,
  definition: JobDefinition,
): Promise<void> {
  const target = definition.policy?.target;
  if (target === undefined) return;
  if (runner.nodes === undefined) throw new CommandCronError("NODES_UNAVAILABLE", { field: "policy.target" });
  const [first] = unsupported(definition);
  if (first !== undefined) {
    const [field, why] = first;
    throw new CommandCronError("POLICY_UNSUPPORTED", { field, expected: `none for a job on a node: ${why}` });
  }
  if ("tag" in target) {
    if (nodesWithTag(target.tag, config.nodes).length > 0) return;
    throw new CommandCronError("NODE_TAG_UNKNOWN", { field: "policy.target.tag", got: target.tag });
  }
  const nodes = await runner.nodes().catch(() => undefined);
  if (nodes === undefined) return;
  const named = directoryOf(nodes).named(target.node);
  if (named.length === 1) return;
  const code = named.length === 0 ? "NODE_UNKNOWN" : "NODE_AMBIGUOUS";
  throw new CommandCronError(code, { field: "policy.target.node", got: target.node });
}
