import { unstarted } from "../../executor/index.ts";
import type { AttemptResult } from "../../executor/types.ts";
import type { Clock } from "../../kernel/clock.ts";
import { SECOND_MS } from "../../kernel/durations.ts";
import { CommandCronError, errorText } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import { isRecord } from "../../kernel/record.ts";
import { isKey, packSpec, type ToRunner } from "../wire/index.ts";
import { createNodeLogs } from "./logs.ts";
import { NodeCallError, type NodeFabric } from "./port.ts";
import { soundResult } from "./sound.ts";
import type { Held, Link, LinkEvents, Phase } from "./types.ts";
import { HOLD_MS, isNodeAnswer, NODE_PROTOCOL, type NodeAnswer, type NodeRequest, whyUnusable } from "./wire.ts";

const ANSWER_MAX_MS = 15 * SECOND_MS;
const AGAIN_MS = [1, 2, 4, 8, 10].map((seconds) => seconds * SECOND_MS);
/** A node that only has something to forget is asked so often. */
const STRAYS_MS = 30 * SECOND_MS;
/** Starts in one call; each may carry a megabyte of input. */
const STARTS_MAX = 20;

/** One node: what it was given, and one call at a time that says what there is to say and hears how all of it stands. */
export function createLink(options: {
  nodeId: string;
  owner: string;
  fabric: NodeFabric;
  clock: Clock;
  /** Attempts at a time. */
  limit: number;
  events: LinkEvents;
}): Link {
  const { nodeId, owner, fabric, clock, limit, events } = options;
  const held = new Map<string, Held>();
  /** Given up here, or of a life that nobody remembers: to be ended there and forgotten; whether the node was told. */
  const strays = new Map<string, boolean>();
  const toAcknowledge = new Set<string>();
  let instance: string | undefined;
  let heard: string | undefined;
  let awaySinceMs: number | undefined;
  let about: { version?: string; clockDifferenceMs?: number } = {};
  let failures = 0;
  let calling = false;
  let listening: AbortController | undefined;
  let cancelRetry: (() => void) | undefined;
  let closed = false;

  const where = (...phases: Phase[]): Held[] => [...held.values()].filter(({ phase }) => phases.includes(phase));

  function sendable(): Held[] {
    if (instance === undefined) return [];
    const free = limit - where("there", "doubtful").length;
    return where("unsent").slice(0, Math.max(0, Math.min(free, STARTS_MAX)));
  }

  function finish(one: Held, result: AttemptResult): void {
    if (one.phase === "over") return;
    one.phase = "over";
    events.ended(result);
  }

  const fail = (one: Held, outcome: "lost" | "spawn_failed", error?: AttemptResult["error"]): void =>
    finish(one, unstarted(one.attemptKey, clock.nowMs(), { outcome, ...present({ error }) }));

  /** Nobody will ever know; should it turn up, it is ended. */
  function lose(one: Held, message: string): void {
    strays.set(one.attemptKey, false);
    fail(one, "lost", { code: "NODE_LOST", message });
  }

  function messagesFor(starts: readonly Held[]): ToRunner[] {
    const cancels = where("there").flatMap(({ attemptKey, cancelBy }): ToRunner[] =>
      cancelBy === undefined ? [] : [{ type: "cancel", attemptKey, by: cancelBy }],
    );
    const gone = [...strays.keys()].map(
      (attemptKey): ToRunner => ({ type: "cancel", attemptKey, by: "the gateway gave it up" }),
    );
    const acknowledged = [...toAcknowledge].map((attemptKey): ToRunner => ({ type: "acknowledge", attemptKey }));
    return [...acknowledged, ...cancels, ...gone, ...starts.flatMap(({ spec }) => (spec ? [packSpec(spec)] : []))];
  }

  const hasToSay = (): boolean =>
    toAcknowledge.size > 0 ||
    [...strays.values()].includes(false) ||
    sendable().length > 0 ||
    where("doubtful").length > 0 ||
    (instance === undefined && where("unsent").length > 0) ||
    where("there").some(({ cancelBy, told }) => cancelBy !== undefined && told !== cancelBy);

  /** There is something to say: now, or when what is being said has been answered. */
  function kick(): void {
    if (closed) return;
    listening?.abort();
    if (!calling && cancelRetry === undefined) void talk();
  }

  async function talk(): Promise<void> {
    calling = true;
    try {
      while (!closed && (hasToSay() || where("there").length > 0 || strays.size > 0)) {
        if (!(await exchange(hasToSay() ? 0 : HOLD_MS))) return;
      }
    } finally {
      calling = false;
    }
  }

  const opening = (): NodeRequest => ({ protocol: NODE_PROTOCOL, owner, messages: [], holdMs: 0 });

  const ask = (request: NodeRequest, timeoutMs: number, signal = new AbortController().signal): Promise<unknown> =>
    fabric.call(nodeId, request, { timeoutMs, signal });

  const logs = createNodeLogs((read) => ask({ ...opening(), read }, ANSWER_MAX_MS), clock);

  /** Where they go is on disk before they go there: what is not was never sent, whatever becomes of this process. */
  async function recorded(starts: readonly Held[]): Promise<Held[]> {
    const there = instance ?? "";
    const noted = await Promise.all(starts.map(async (one) => (await events.sending(one.attemptKey, there)) && one));
    for (const [index, one] of starts.entries()) if (noted[index] === false) held.delete(one.attemptKey);
    // One may have been canceled meanwhile.
    return noted.filter((one) => one !== false && one.phase === "unsent") as Held[];
  }

  /** One question and its answer. False: it could not be had; it is tried again later. */
  async function exchange(holdMs: number): Promise<boolean> {
    const starts = holdMs > 0 ? [] : await recorded(sendable());
    const asked = where("doubtful");
    const acknowledged = [...toAcknowledge];
    const gone = [...strays.keys()];
    const cancels = where("there").filter(({ cancelBy }) => cancelBy !== undefined);
    const aborter = new AbortController();
    if (holdMs > 0) listening = aborter;
    for (const one of starts) {
      one.phase = "doubtful";
      if (instance !== undefined) one.instance = instance;
    }
    try {
      const request: NodeRequest = {
        ...opening(),
        messages: messagesFor(starts),
        holdMs,
        ...present({ instance, heard: holdMs > 0 ? heard : undefined }),
      };
      const answer = await ask(request, holdMs + ANSWER_MAX_MS, aborter.signal);
      if (!isNodeAnswer(answer)) throw new NodeCallError(whyUnusable(answer), true);
      if (closed) return false;
      for (const key of acknowledged) forget(key);
      for (const one of cancels) if (one.cancelBy !== undefined) one.told = one.cancelBy;
      for (const key of gone) strays.set(key, true);
      await apply(answer, asked, starts);
      return true;
    } catch (error) {
      if (closed) return false;
      if (aborter.signal.aborted) return true;
      const sent = !(error instanceof NodeCallError) || error.dispatched;
      if (!sent) for (const one of starts) one.phase = "unsent";
      outOfReach(sent, error);
      return false;
    } finally {
      if (listening === aborter) listening = undefined;
    }
  }

  function forget(key: string): void {
    toAcknowledge.delete(key);
    if (held.get(key)?.phase === "over") held.delete(key);
  }

  function outOfReach(sent: boolean, error: unknown): void {
    const nowMs = clock.nowMs();
    awaySinceMs ??= nowMs;
    for (const one of where("unsent")) {
      if (!sent && one.onOffline === "give-back" && one.cancelBy === undefined) {
        held.delete(one.attemptKey);
        events.givenBack(one);
      }
    }
    let nextMs = AGAIN_MS[Math.min(failures, AGAIN_MS.length - 1)] ?? SECOND_MS;
    failures += 1;
    for (const one of where("unsent", "doubtful", "there")) {
      events.away(one.attemptKey, awaySinceMs);
      const leftMs = Math.max(awaySinceMs, one.sinceMs) + one.lostAfterMs - nowMs;
      if (leftMs > 0) nextMs = Math.min(nextMs, leftMs);
      else if (one.phase === "unsent") fail(one, "spawn_failed", { code: "NODE_OFFLINE", message: errorText(error) });
      else lose(one, `its node has been out of reach for ${Math.round(one.lostAfterMs / SECOND_MS)} s`);
    }
    const wanted = where("unsent", "doubtful", "there").length > 0;
    if (!wanted && toAcknowledge.size === 0 && strays.size === 0) return;
    if (!wanted) nextMs = Math.max(nextMs, STRAYS_MS);
    cancelRetry = clock.setTimer(() => {
      cancelRetry = undefined;
      kick();
    }, nextMs);
  }

  async function apply(answer: NodeAnswer, asked: readonly Held[], starts: readonly Held[]): Promise<void> {
    const nowMs = clock.nowMs();
    about = { version: answer.version.slice(0, 40), clockDifferenceMs: answer.nowMs - nowMs };
    ({ instance, heard } = answer);
    if (awaySinceMs !== undefined) for (const one of held.values()) events.away(one.attemptKey, undefined);
    awaySinceMs = undefined;
    failures = 0;
    const named = new Set(answer.attempts.map(({ attemptKey }) => attemptKey));
    for (const { attemptKey, identity, progress } of answer.attempts) {
      const one = held.get(attemptKey);
      // Of a life of the gateway that nobody remembers, or given up before.
      if (one === undefined && isKey(attemptKey) && !strays.has(attemptKey)) strays.set(attemptKey, false);
      if (one === undefined || one.phase === "over") continue;
      one.phase = "there";
      if (isRecord(identity) && one.identity === undefined) {
        one.identity = identity;
        events.started(attemptKey, identity);
      }
      const said = JSON.stringify(progress);
      if (isRecord(progress) && said !== one.progress) events.progress(attemptKey, progress);
      if (said !== undefined) one.progress = said;
    }
    for (const { attemptKey, message } of answer.refused) {
      const one = held.get(String(attemptKey));
      if (one !== undefined && starts.includes(one)) {
        fail(one, "spawn_failed", { code: "NODE_DENIED", message: String(message).slice(0, 500) });
      }
    }
    for (const one of where("there", "doubtful")) {
      if (named.has(one.attemptKey)) continue;
      // Sent with this question, and not there: another runner answers, which starts nothing that was not meant for it.
      // Sent before it, to the same runner: had it come, it would be known.
      const neverCame = starts.includes(one) || (asked.includes(one) && one.instance === instance);
      if (neverCame) takeBack(one);
      else if (one.phase === "there" || asked.includes(one)) lose(one, "its node does not know it any more");
    }
    for (const key of strays.keys()) if (!named.has(key)) strays.delete(key);
    for (const { result, files } of answer.results) await receive(result, files, nowMs);
  }

  function takeBack(one: Held): void {
    one.phase = "unsent";
    if (one.cancelBy !== undefined) cancelUnsent(one, one.cancelBy);
    else if (one.spec === undefined) {
      held.delete(one.attemptKey);
      events.neverCame(one.attemptKey);
    }
  }

  const cancelUnsent = (one: Held, canceledBy: string): void =>
    finish(one, unstarted(one.attemptKey, clock.nowMs(), { outcome: "canceled", canceledBy }));

  async function receive(given: AttemptResult, files: unknown, nowMs: number): Promise<void> {
    const key = isRecord(given) ? String(given.attemptKey) : "";
    const one = held.get(key);
    if (strays.has(key)) toAcknowledge.add(key);
    if (one === undefined || one.phase === "over") return;
    const result = soundResult(given, about.clockDifferenceMs ?? 0, one.sinceMs, nowMs);
    const log = await logs.finish(one, files);
    finish(one, { ...result, log: { ...result.log, ...log } });
  }

  return {
    hold(attempt, phase) {
      held.set(attempt.attemptKey, { ...attempt, phase, sinceMs: clock.nowMs() });
      // Whether it is still away is asked anew.
      cancelRetry?.();
      cancelRetry = undefined;
      kick();
    },
    active: () => where("unsent", "doubtful", "there").length,
    cancel(attemptKey, by) {
      const one = held.get(attemptKey);
      if (one === undefined) return false;
      one.cancelBy = by;
      if (one.phase === "unsent") {
        cancelUnsent(one, by);
      } else if (awaySinceMs !== undefined && one.phase !== "over") {
        throw new CommandCronError("NODE_OUT_OF_REACH", { got: nodeId });
      } else kick();
      return true;
    },
    acknowledge(attemptKey) {
      const one = held.get(attemptKey);
      if (one === undefined) return;
      // One that never came there, or was given up, is not theirs to forget.
      const never = one.spec !== undefined && one.instance === undefined;
      if (never || strays.has(attemptKey)) return void held.delete(attemptKey);
      toAcknowledge.add(attemptKey);
      kick();
    },
    async freshen(attemptKey) {
      const one = held.get(attemptKey);
      if (one?.phase === "there" && awaySinceMs === undefined) await logs.freshen(one);
    },
    about: () => ({ ...about, ...present({ outOfReachSinceMs: awaySinceMs }) }),
    close() {
      closed = true;
      cancelRetry?.();
      listening?.abort();
    },
  };
}
