import type { ApprovalEntry } from "../../../schema/wire/calls/approvals.ts";
import type { EngineApi } from "../../engine/api.ts";
import { type Clock, within } from "../../kernel/clock.ts";
import { MINUTE_MS, SECOND_MS } from "../../kernel/durations.ts";
import { errorText } from "../../kernel/errors.ts";
import type { Events } from "../../kernel/events.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { GatewayConfig } from "../gateway/index.ts";
import type { GatewayPort } from "./port.ts";

/** The gateway forgets a request after ten minutes at most, and with every restart. */
const ASKED_MS = 10 * MINUTE_MS;
const ANSWER_MARGIN_MS = 10 * SECOND_MS;
const AGAIN_MS = 30 * SECOND_MS;
/** A gateway that stops waits minutes for an answer to what it was asked. It tells nobody that it stops but who asks it something. */
const PULSE_MS = 5 * SECOND_MS;
/** How long a stop of ours waits until the gateway's requests are taken back. */
const STOP_MS = 2 * SECOND_MS;
/** The gateway's own limits, less what may be cut. */
const [TITLE_MAX, DESCRIPTION_MAX] = [80, 512];
const SHOWN = 50;
const NOBODY = "the gateway has nobody to ask: `commands.ownerAllowFrom` names no owner";
/** What a gateway that stops says to whoever asks it anything. */
const STOPS = /unavailable during gateway|is draining/;
const BY_GATEWAY = "the gateway's approvals";

type Asked = { id: string; status?: string; deliveryRoute?: string };
type Answered = { decision: "allow-once" | "allow-always" | "deny" | null };

export interface ApprovalAsker {
  /** Looks at what waits. */
  look(): void;
  /** Whether the gateway's own approvals are asked, and what there is to say about it. */
  status(): { asks: boolean; detail: string };
  /** Takes back what the gateway was asked. */
  stop(): Promise<void>;
}

interface ApprovalAskerDeps {
  engine: Pick<EngineApi, "approvals" | "approve" | "reject">;
  events: Events;
  client: Pick<GatewayPort, "request">;
  clock: Clock;
  logger: Logger;
  config(): GatewayConfig;
  enabled: boolean;
}

/**
 * Asks the gateway's own approvals (buttons in its owner's chats, its Control UI) about everything that waits here: again
 * when the gateway has forgotten it, until our own request is over. A decision there is one here, by that door.
 */
export function createApprovalAsker(deps: ApprovalAskerDeps): ApprovalAsker {
  const { engine, client, clock, logger } = deps;
  const asking = new Set<string>();
  /** What the gateway was asked and has not answered, by our key. */
  const open = new Map<string, { id: string; entry: ApprovalEntry }>();
  const takenBack = new Set<string>();
  const end = Promise.withResolvers<void>();
  let stopped = false;
  let cancelLook: (() => void) | undefined;
  let cancelPulse: (() => void) | undefined;
  let last = {
    asks: deps.enabled,
    detail: deps.enabled ? "asked when something waits" : '`gatewayApprovals` is "off"',
  };

  const keyOf = ({ runId, attempt }: ApprovalEntry): string => `${runId}.${attempt}`;
  const waiting = (): ApprovalEntry[] =>
    engine.approvals({ openOnly: true, limit: SHOWN, offset: 0 }).approvals.filter(({ state }) => state === "waiting");

  /** The same request as it is now; undefined when it is over. */
  const still = (entry: ApprovalEntry): ApprovalEntry | undefined => (stopped ? undefined : newest(entry, "waiting"));
  function newest(entry: ApprovalEntry, state: ApprovalEntry["state"]): ApprovalEntry | undefined {
    const { approvals } = engine.approvals({ runId: entry.runId, limit: 1, offset: 0 });
    return approvals.find((other) => keyOf(other) === keyOf(entry) && other.state === state);
  }

  async function askOnce(entry: ApprovalEntry): Promise<void> {
    const timeoutMs = Math.max(SECOND_MS, Math.min(ASKED_MS, entry.expiresAtMs - clock.nowMs()));
    const asked = await client.request<Asked>("plugin.approval.request", {
      ...wordsOf(entry),
      ...ownerOf(deps.config()),
      pluginId: "command-cron",
      severity: entry.risk === "write_external" ? "critical" : "warning",
      allowedDecisions: ["allow-once", "deny"],
      timeoutMs,
      twoPhase: true,
    });
    if (asked.status !== "accepted") throw new Error(NOBODY);
    last =
      asked.deliveryRoute === "none"
        ? { asks: false, detail: NOBODY }
        : { asks: true, detail: "asked through the gateway's own approvals" };
    const wait = { timeoutMs: timeoutMs + ANSWER_MARGIN_MS };
    open.set(keyOf(entry), { id: asked.id, entry });
    armPulse();
    const answer = await client
      .request<Answered>("plugin.approval.waitDecision", { id: asked.id }, wait)
      .finally(() => open.delete(keyOf(entry)));
    if (takenBack.delete(asked.id)) {
      if (still(entry) !== undefined) throw new Error("the gateway stops; it is asked again when it is back");
    } else if (answer.decision !== null && still(entry) !== undefined) await decide(entry, answer.decision, asked.id);
  }

  /** Nobody is to answer any more what stands open; where it was decided by another door, as it was decided there. */
  async function takeBack(which: (entry: ApprovalEntry) => boolean): Promise<void> {
    for (const { id, entry } of [...open.values()]) {
      try {
        if (takenBack.has(id) || !which(entry)) continue;
        takenBack.add(id);
        const decision = newest(entry, "approved") === undefined ? "deny" : "allow-once";
        await client.request("plugin.approval.resolve", { id, decision });
      } catch (error) {
        // Somebody was faster, or it stays until its time is over: whatever it answers counts.
        takenBack.delete(id);
        logger.debug(`the gateway's request ${id} is not taken back: ${errorText(error)}`);
      }
    }
  }

  function armPulse(): void {
    if (stopped || open.size === 0 || cancelPulse !== undefined) return;
    cancelPulse = clock.setTimer(() => {
      cancelPulse = undefined;
      void beat().finally(armPulse);
    }, PULSE_MS);
  }

  async function beat(): Promise<void> {
    const [asked] = open.values();
    if (asked === undefined) return;
    await client.request("approval.get", { id: asked.id }).catch(async (error: unknown) => {
      if (STOPS.test(errorText(error))) await takeBack(() => true);
    });
  }

  async function decide(
    { runId, hash = "" }: ApprovalEntry,
    decision: NonNullable<Answered["decision"]>,
    id: string,
  ): Promise<void> {
    const caller = { label: await whoDecided(id) };
    const how = { hash, door: "gateway" } as const;
    if (decision === "deny") await engine.reject(runId, { ...how, reason: "denied" }, caller);
    else await engine.approve(runId, how, caller);
  }

  async function whoDecided(id: string): Promise<string> {
    const found = await client
      .request<{ resolver?: { kind?: string; id?: string } }>("approval.get", { id })
      .catch(() => undefined);
    const { kind, id: who } = found?.resolver ?? {};
    return who === undefined ? BY_GATEWAY : kind === undefined ? who : `${kind} ${who}`;
  }

  async function ask(first: ApprovalEntry): Promise<void> {
    for (let entry = still(first); entry !== undefined; entry = still(first)) {
      try {
        await askOnce(entry);
      } catch (error) {
        if (stopped) return;
        const detail = `the gateway's own approvals cannot be asked: ${errorText(error)}`;
        if (detail !== last.detail)
          logger.warn(`${detail}; run ${entry.runId} can be approved with command-cron approve`);
        last = { asks: false, detail };
        await within(clock, AGAIN_MS, end.promise, () => undefined);
      }
    }
  }

  function look(): void {
    if (stopped || !deps.enabled) return;
    try {
      askAll();
    } catch (error) {
      logger.warn(`what waits for approval cannot be read: ${errorText(error)}`);
      cancelLook ??= clock.setTimer(() => {
        cancelLook = undefined;
        look();
      }, AGAIN_MS);
    }
  }

  function askAll(): void {
    void takeBack((entry) => still(entry) === undefined);
    for (const entry of waiting()) {
      const key = keyOf(entry);
      if (asking.has(key)) continue;
      asking.add(key);
      void ask(entry)
        .catch((error: unknown) => logger.warn(`asking the gateway's approvals ended: ${errorText(error)}`))
        .finally(() => asking.delete(key));
    }
  }

  const unsubscribe = deps.events.on("approval-changed", look);
  return {
    look,
    status: () => last,
    async stop() {
      stopped = true;
      unsubscribe();
      cancelPulse?.();
      cancelLook?.();
      end.resolve();
      const takenAll = takeBack(() => true);
      await within(clock, STOP_MS, takenAll, () => undefined);
    },
  };
}

/** What a person reads there. */
function wordsOf({ jobName, runId, command, hash = "", plan, risk, why }: ApprovalEntry) {
  const facts = [command, why, risk && `Risk: ${risk}`, plan === undefined ? undefined : `Plan: ${plan.trim()}`];
  const tail = `Hash ${hash.slice(0, 12)}, run ${runId.slice(0, 8)}`;
  return {
    title: cut(`Run ${jobName}`, TITLE_MAX),
    description: `${cut(facts.filter((fact) => fact !== undefined).join("\n"), DESCRIPTION_MAX - tail.length - 1)}\n${tail}`,
  };
}

const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);

/** The first of the gateway's owners that is named with a channel, as whoever set this off. */
function ownerOf({ commands }: GatewayConfig): { turnSourceChannel?: string; turnSourceTo?: string } {
  const owners = commands?.ownerAllowFrom;
  for (const owner of Array.isArray(owners) ? owners : []) {
    const [, channel, to] = /^([a-z][\w-]*):(.+)$/i.exec(String(owner)) ?? [];
    if (channel !== undefined && to !== undefined) return { turnSourceChannel: channel, turnSourceTo: to };
  }
  return {};
}
