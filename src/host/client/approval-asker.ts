import type { ApprovalEntry } from "../../../schema/wire/steps.ts";
import type { EngineApi } from "../../engine/api.ts";
import type { Clock } from "../../kernel/clock.ts";
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
/** The gateway's own limits, less what may be cut. */
const [TITLE_MAX, DESCRIPTION_MAX] = [80, 512];
const SHOWN = 50;
const BY_GATEWAY = "the gateway's approvals";

type Asked = { id: string; deliveryRoute?: string };
type Answered = { decision: "allow-once" | "allow-always" | "deny" | null };

export interface ApprovalAsker {
  /** Looks at what waits. */
  look(): void;
  /** Whether the gateway's own approvals are asked, and what there is to say about it. */
  status(): { asks: boolean; detail: string };
  stop(): void;
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
  const timers = new Set<() => void>();
  let stopped = false;
  let last = {
    asks: deps.enabled,
    detail: deps.enabled ? "asked when something waits" : '`gatewayApprovals` is "off"',
  };

  const keyOf = ({ runId, attempt }: ApprovalEntry): string => `${runId}.${attempt}`;
  const waiting = (): ApprovalEntry[] =>
    engine.approvals({ openOnly: true, limit: SHOWN, offset: 0 }).approvals.filter(({ state }) => state === "waiting");

  /** The same request as it is now; undefined when it is over. */
  const still = (entry: ApprovalEntry): ApprovalEntry | undefined =>
    stopped ? undefined : waiting().find((other) => keyOf(other) === keyOf(entry));

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
    const nobody = asked.deliveryRoute === "none";
    last = nobody
      ? { asks: false, detail: "the gateway has nobody to ask: `commands.ownerAllowFrom` names no owner" }
      : { asks: true, detail: "asked through the gateway's own approvals" };
    const wait = { timeoutMs: timeoutMs + ANSWER_MARGIN_MS };
    const answer = await client.request<Answered>("plugin.approval.waitDecision", { id: asked.id }, wait);
    if (answer.decision !== null && still(entry) !== undefined) await decide(entry, answer.decision, asked.id);
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
        last = { asks: false, detail: `the gateway's own approvals cannot be asked: ${errorText(error)}` };
        logger.warn(`${last.detail}; run ${entry.runId} can be approved with command-cron approve`);
        await new Promise<void>((resolve) => {
          const cancel = clock.setTimer(() => {
            timers.delete(cancel);
            resolve();
          }, AGAIN_MS);
          timers.add(cancel);
        });
      }
    }
  }

  function look(): void {
    if (stopped || !deps.enabled) return;
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
    stop() {
      stopped = true;
      unsubscribe();
      for (const cancel of timers) cancel();
      timers.clear();
    },
  };
}

/** What a person reads there. */
function wordsOf({ jobName, runId, command, hash = "", plan, risk, why }: ApprovalEntry) {
  const facts = [`${command}`, ...(why === undefined ? [] : [why]), ...(risk === undefined ? [] : [`Risk: ${risk}`])];
  const tail = `Hash ${hash.slice(0, 12)}, run ${runId.slice(0, 8)}`;
  const planned = plan === undefined ? [] : [`Plan: ${plan.trim()}`];
  return {
    title: cut(`Run ${jobName}`, TITLE_MAX),
    description: `${cut([...facts, ...planned].join("\n"), DESCRIPTION_MAX - tail.length - 1)}\n${tail}`,
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
