import { readFileSync } from "node:fs";
import type { NodeRef, NodeSettings, NodesResult } from "../../../schema/wire/target.ts";
import { unstarted } from "../../executor/index.ts";
import type { AttemptResult, CommandSpec } from "../../executor/types.ts";
import type { Clock } from "../../kernel/clock.ts";
import { SECOND_MS } from "../../kernel/durations.ts";
import { CommandCronError, errorText, failureOf } from "../../kernel/errors.ts";
import { sha256 } from "../../kernel/ids.ts";
import { present } from "../../kernel/present.ts";
import { tokenFile } from "../paths.ts";
import { type Directory, directoryOf, type Place, type Placed, type RunnerEvents, type RunnerPort } from "../port.ts";
import { createLink } from "./link.ts";
import type { NodeFabric, NodeFacts } from "./port.ts";
import type { HeldAttempt, Link } from "./types.ts";

/** What the gateway said of its nodes is believed for so long. */
const FRESH_MS = 2 * SECOND_MS;
/** While no node of a tag is connected, it is looked again so often. */
const LOOK_AGAIN_MS = 5 * SECOND_MS;
const DEFAULT_LIMIT = 8;
const NONE_CONNECTED = "none of its nodes is connected";

interface PlacesOptions {
  /** The runner of this host. */
  here: RunnerPort;
  fabric: NodeFabric;
  settings: NodeSettings;
  stateDir: string;
  clock: Clock;
}

/** Why a node is given nothing. */
const whyNot = ({ id, name, connected, notServing = "it offers nothing" }: NodeFacts): string =>
  `${name || id} ${connected ? `does not serve: ${notServing}` : "is not connected"}`;

/** The same of all that have a tag; those that are connected are the ones that somebody can do something about. */
function whyNone(able: Iterable<NodeFacts>): string {
  const unserving = [...able].filter(({ connected }) => connected);
  return unserving.length === 0 ? NONE_CONNECTED : unserving.map(whyNot).join("; ");
}

/** A node that an attempt may run on: by id or name, and nobody else's. Raises NODE_UNKNOWN or NODE_AMBIGUOUS. */
function nodeNamed(name: string, { named: find }: Directory<NodeFacts>): NodeFacts {
  const named = find(name);
  const [first] = named;
  if (first === undefined) throw new CommandCronError("NODE_UNKNOWN", { got: name });
  if (named.length > 1) {
    throw new CommandCronError("NODE_AMBIGUOUS", {
      got: `${name}, the name of ${named.map(({ id }) => id).join(" and ")}`,
    });
  }
  return first;
}

/** By the first number that differs. */
function isBefore(one: readonly number[], other: readonly number[]): boolean {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at !== -1 && (one[at] ?? 0) < (other[at] ?? 0);
}

/** Names a gateway's state directory to nodes; it is made with the first start of its runner. */
const ownerOf = (stateDir: string): string =>
  sha256(`owner\0${readFileSync(tokenFile(stateDir), "utf8").trim()}`).slice(0, 16);

/** The one place that knows where attempts run: this host's runner, or the runner of a node. */
export function createPlaces({ here, fabric, settings, stateDir, clock }: PlacesOptions): RunnerPort {
  const links = new Map<string, Link>();
  /** Attempts that nobody has yet: each waits for the gateway's word, the ledger or a node, and how that is canceled. */
  const waiting = new Map<string, () => void>();
  let events: RunnerEvents | undefined;
  let known: { atMs: number; nodes: Promise<Directory<NodeFacts>> } | undefined;

  function nodes(): Promise<Directory<NodeFacts>> {
    const nowMs = clock.monotonicMs();
    if (known === undefined || nowMs - known.atMs > FRESH_MS) {
      known = { atMs: nowMs, nodes: fabric.list().then(directoryOf) };
      known.nodes.catch(() => {
        known = undefined;
      });
    }
    return known.nodes;
  }

  const settingOf = ({ id, name }: NodeRef): NodeSettings[string] =>
    (Object.hasOwn(settings, id) ? settings[id] : Object.hasOwn(settings, name) ? settings[name] : undefined) ?? {};

  /** Who has each attempt, until its end is stored. */
  const holders = new Map<string, Link>();

  function hold(link: Link, attempt: HeldAttempt, phase: Parameters<Link["hold"]>[1]): void {
    holders.set(attempt.attemptKey, link);
    link.hold(attempt, phase);
  }

  function linkTo(node: NodeRef): Link {
    const before = links.get(node.id);
    if (before !== undefined) return before;
    const link = createLink({
      nodeId: node.id,
      owner: ownerOf(stateDir),
      fabric,
      clock,
      limit: limitOf(node),
      events: {
        sending: (key, runner) => record(key, { ...node, runner }),
        neverCame(key) {
          holders.delete(key);
          events?.neverCame?.(key);
        },
        started: (key, identity) => events?.started(key, identity, "command"),
        progress: (key, progress) => events?.progress(key, progress),
        ended: (result) => events?.ended(result),
        away: (key, sinceMs) => events?.away?.(key, sinceMs),
        givenBack(held) {
          holders.delete(held.attemptKey);
          void offline(held, "its node is not connected");
        },
      },
    });
    links.set(node.id, link);
    return link;
  }

  const fail = (key: string, error: NonNullable<AttemptResult["error"]>): void =>
    events?.ended(unstarted(key, clock.nowMs(), { outcome: "spawn_failed", error }));

  const offers = new Map<string, Place>();

  /** What becomes of an attempt whose node is not there: given back by its link, or never given. */
  async function offline({ spec, attemptKey }: Pick<HeldAttempt, "spec" | "attemptKey">, why: string): Promise<void> {
    const place = offers.get(attemptKey);
    offers.delete(attemptKey);
    if (spec === undefined || place?.offline !== "elsewhere") {
      return fail(attemptKey, { code: "NODE_OFFLINE", message: why });
    }
    const stillWaits = beginWait(attemptKey);
    const recorded = await record(attemptKey, undefined);
    if (stillWaits() && recorded) here.start({ ...spec, ...place.here });
  }

  /** An attempt waits from now on. Answers how to learn that it has not been canceled, once it waits no more. */
  function beginWait(attemptKey: string, cancel = (): void => {}): () => boolean {
    waiting.set(attemptKey, cancel);
    return () => waiting.get(attemptKey) === cancel && waiting.delete(attemptKey);
  }

  /** Where it runs is on record before anybody is asked to start it. */
  async function record(attemptKey: string, node: Placed | undefined): Promise<boolean> {
    try {
      await events?.placed?.(attemptKey, node);
      return true;
    } catch (error) {
      fail(attemptKey, failureOf(error, "INTERNAL"));
      return false;
    }
  }

  const busy = (id: string): number => links.get(id)?.active() ?? 0;
  const limitOf = (node: NodeRef): number => settingOf(node).limit ?? DEFAULT_LIMIT;

  /** When each node was chosen last among several, by a count of choices. */
  const chosenAt = new Map<string, number>();
  let choices = 0;

  /** Of several the one with the fewest runs, those with room before the others; among equals the one whose turn is longest ago. */
  function choose(ready: readonly NodeFacts[]): NodeFacts | undefined {
    let best: { node: NodeFacts; rank: readonly number[] } | undefined;
    for (const node of ready) {
      const running = busy(node.id);
      const rank = [Number(running >= limitOf(node)), running, chosenAt.get(node.id) ?? 0];
      if (best === undefined || isBefore(rank, best.rank)) best = { node, rank };
    }
    choices += 1;
    if (best !== undefined && ready.length > 1) chosenAt.set(best.node.id, choices);
    return best?.node;
  }

  async function give(spec: CommandSpec, place: Place, sinceMs: number): Promise<void> {
    const { attemptKey } = spec;
    const stillWaits = beginWait(attemptKey);
    const directory = await nodes().catch(errorText);
    if (!stillWaits()) return;
    if (typeof directory === "string") return later(spec, place, sinceMs, directory);
    try {
      const single = place.nodes.length === 1;
      const able = single
        ? place.nodes.map((name) => nodeNamed(name, directory))
        : new Set(place.nodes.map(directory.named).flatMap((named) => (named.length === 1 ? named : [])));
      const ready = [...able].filter(({ connected, serves }) => connected && serves);
      const first = choose(ready);
      const chosen = first ?? (single ? [...able][0] : undefined);
      const waits = place.offline === "wait";
      if (!waits) offers.set(attemptKey, place);
      if (first === undefined && !waits) {
        return await offline({ spec, attemptKey }, chosen === undefined ? whyNone(able) : whyNot(chosen));
      }
      if (chosen === undefined) return later(spec, place, sinceMs, whyNone(able));
      const node = { id: chosen.id, name: chosen.name };
      const { logDir } = spec;
      const onOffline = waits ? "wait" : "give-back";
      hold(linkTo(node), { attemptKey, spec, logDir, lostAfterMs: place.lostAfterMs, onOffline }, "unsent");
    } catch (error) {
      fail(attemptKey, failureOf(error, "INTERNAL"));
    }
  }

  function later(spec: CommandSpec, place: Place, sinceMs: number, why: string): void {
    const { attemptKey } = spec;
    const leftMs = sinceMs + place.lostAfterMs - clock.nowMs();
    if (leftMs <= 0) {
      fail(attemptKey, { code: "NODE_OFFLINE", message: why });
      return;
    }
    events?.away?.(attemptKey, sinceMs);
    const look = (): void => void give(spec, place, sinceMs);
    beginWait(attemptKey, clock.setTimer(look, Math.min(LOOK_AGAIN_MS, leftMs)));
  }

  return {
    ...here,
    async open(given) {
      events = given;
      return await here.open(given);
    },
    adopt(attempts) {
      here.adopt(attempts.filter(({ node }) => node === undefined));
      for (const { attemptKey, node, lostAfterMs = 0, logDir = "" } of attempts) {
        if (node === undefined) continue;
        const { runner: instance, ...ref } = node;
        const given = { attemptKey, logDir, lostAfterMs, ...present({ instance }) };
        hold(linkTo(ref), { ...given, onOffline: "wait" }, "doubtful");
      }
    },
    start(spec, place) {
      if (place === undefined) here.start(spec);
      else if (!holders.has(spec.attemptKey) && !waiting.has(spec.attemptKey)) {
        void give(spec, place, clock.nowMs());
      }
    },
    async cancel(attemptKey, by) {
      const stopWaiting = waiting.get(attemptKey);
      if (stopWaiting !== undefined) {
        stopWaiting();
        waiting.delete(attemptKey);
        events?.ended(unstarted(attemptKey, clock.nowMs(), { outcome: "canceled", canceledBy: by }));
        return true;
      }
      return holders.get(attemptKey)?.cancel(attemptKey, by) ?? (await here.cancel(attemptKey, by));
    },
    freshen: async (attemptKey) => await holders.get(attemptKey)?.freshen(attemptKey),
    acknowledge(attemptKey) {
      offers.delete(attemptKey);
      const link = holders.get(attemptKey);
      holders.delete(attemptKey);
      if (link === undefined) here.acknowledge(attemptKey);
      else link.acknowledge(attemptKey);
    },
    async nodes(): Promise<NodesResult["nodes"]> {
      const { all } = await nodes();
      return all.map((facts) => {
        const { tags = [] } = settingOf(facts);
        return { ...facts, tags, limit: limitOf(facts), running: busy(facts.id), ...links.get(facts.id)?.about() };
      });
    },
    async close() {
      for (const stopWaiting of waiting.values()) stopWaiting();
      waiting.clear();
      for (const link of links.values()) link.close();
      await here.close();
    },
  };
}
