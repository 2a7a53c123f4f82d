import { MAX_DATE_MS } from "../../schema/wire/common.ts";
import type { Action, Destination } from "../../schema/wire/delivery.ts";
import type { Clock } from "../kernel/clock.ts";
import { formatDurationMs, MINUTE_MS } from "../kernel/durations.ts";
import { present } from "../kernel/present.ts";
import type { AlertRecord, DeliveryContent, JobRecord, Ledger, NewDelivery } from "../ledger/types.ts";
import { escalationOf } from "../policy/addresses/index.ts";
import { frequencyWord, gapAfter, isTimeCause } from "../policy/alerts/index.ts";
import { type DigestFacts, digestText, timeText } from "../policy/text/index.ts";
import { compileJobOrNot, nextAfter, zoneOfSchedule } from "../policy/time/index.ts";
import { subjectOf } from "./observed.ts";
import { type Judging, nextTryMs, routeOf, toldNow } from "./subject.ts";

/** A message about a finding; the outbox gives it an id and a lane. */
export type Finding = Omit<NewDelivery, "id" | "lane" | "state" | "nextAttemptAtMs" | "reason"> & {
  /** What is said of it where the run's whole output follows. */
  brief?: string;
};

/** What comes within it is one message. */
const GATHER_MS = MINUTE_MS;
/** Failures that are told one by one within that time, by one way; what comes after them is gathered. */
const SINGLES = 5;
/** So long after a time down what was missed is put down to it. */
const BACK_MS = 5 * MINUTE_MS;
/** Incidents told in one look. */
const TOLD_AT_ONCE = 5_000;

interface Item {
  alert: AlertRecord;
  job: JobRecord;
  route: Destination;
}

/** The end of an incident that was told. One that closes before it is told is told as what it was. */
const isOver = ({ closedAtMs, notifiedAtMs }: AlertRecord): boolean =>
  closedAtMs !== undefined && notifiedAtMs !== undefined;

/** What helps with an incident: what goes on can be stopped, what did not run can be run. */
function actionsOf({ cause }: AlertRecord): Action[] {
  if (cause === "overrun" || cause === "stalled") return ["stop", "silence", "tail"];
  return isTimeCause(cause) && cause !== "silent"
    ? ["run", "silence", "disable"]
    : ["run", "silence", "tail", "disable"];
}

/** Gathers what is to be told, so that much at once is one message. */
export function createTeller(deps: Judging & { ledger: Ledger; clock: Clock }) {
  const { ledger, clock, config, hostTz, hostName } = deps;
  /** By way: when the last messages went out one by one. */
  const singles = new Map<string, number[]>();
  let down: { fromMs: number; throughMs: number; instants: number; sinceMs: number } | undefined;

  const keyOf = ({ mode, channel, to, accountId, threadId }: Destination): string =>
    JSON.stringify([mode, channel, to, accountId, threadId]);

  const byWay = (items: readonly Item[]): Item[][] => [...Map.groupBy(items, ({ route }) => keyOf(route)).values()];

  /** Whom to tell of it; nobody where its job is gone or nobody is named. */
  function itemOf(alert: AlertRecord): Item[] {
    const job = subjectOf(ledger, alert.jobId, config);
    const route = job && routeOf(job, config);
    if (job !== undefined && route !== undefined) return [{ alert, job, route }];
    ledger.alerts.touch(alert.id, { tellAtMs: null });
    return [];
  }

  function textOf(items: readonly Item[]): string {
    const [only, ...others] = items;
    const tz = only === undefined ? hostTz : zoneOfSchedule(only.job.definition.schedule, hostTz);
    const missedNow = items.filter(({ alert }) => alert.cause === "missed" && !isOver(alert));
    const away =
      down !== undefined && clock.monotonicMs() - down.sinceMs < BACK_MS && missedNow.length > 0
        ? { ...down, words: missedNow.flatMap(wordOf) }
        : undefined;
    if (only !== undefined && others.length === 0 && away === undefined && isTimeCause(only.alert.cause)) {
      return singleText(only, tz);
    }
    const lines: DigestFacts["items"] = items.map(({ alert, job }) => ({
      jobId: job.id,
      jobName: job.definition.name,
      observed: job.observed,
      about: alert.about ?? alert.cause,
      over: isOver(alert),
      missed: alert.cause === "missed" && alert.closedAtMs === undefined,
    }));
    return digestText({ hostName, items: lines, down: away, tz: hostTz });
  }

  function singleText({ alert, job }: Item, tz: string): string {
    return timeText({
      jobId: job.id,
      jobName: job.definition.name,
      observed: job.observed,
      hostName,
      cause: alert.cause,
      about: alert.about ?? alert.cause,
      over: isOver(alert),
      runId: ledger.runs.active(job.id).find(({ status }) => status === "running")?.id,
      lastOkAtMs: job.lastOkAtMs,
      nextAtMs: nextTryMs(job, job.backoffUntilMs, hostTz),
      nowMs: clock.nowMs(),
      tz,
    });
  }

  /** How often the job of missed instants comes, where a word says it, and how many they are. */
  function wordOf({ alert, job }: Item): [word: string, instants: number][] {
    const compiled = compileJobOrNot(job, hostTz);
    const next = compiled && nextAfter(compiled, alert.openedAtMs);
    if (compiled === undefined || next === undefined) return [];
    const word = frequencyWord(gapAfter(compiled, next));
    return word === undefined ? [] : [[word, alert.occurrences]];
  }

  function messageAbout(items: readonly Item[]): Finding[] {
    const nowMs = clock.nowMs();
    const found = finding(items, { text: textOf(items) });
    for (const { alert, job } of items) {
      ledger.alerts.touch(alert.id, {
        tellAtMs: null,
        ...(alert.closedAtMs === undefined ? toldNow(job, config, nowMs) : {}),
      });
    }
    return found;
  }

  function finding(items: readonly Item[], said: Pick<DeliveryContent, "text" | "code" | "actions">): Finding[] {
    const [first] = items;
    if (first === undefined) return [];
    const { text } = said;
    const kind = items.some(({ alert }) => !isOver(alert)) ? "alert" : "recovery";
    const one = items.length === 1 ? { jobId: first.job.id, alertId: first.alert.id } : {};
    const alerts = items.map(({ alert }) => ({ alertId: alert.id, jobId: alert.jobId, cause: alert.cause }));
    const body = JSON.stringify({ action: kind, ...one, alerts: alerts.slice(0, 1_000), text });
    const isOne = items.length === 1 && kind === "alert";
    const actions = isOne && said.actions === undefined ? actionsOf(first.alert) : said.actions;
    const content = first.route.mode === "webhook" ? { text, body } : { ...said, ...present({ actions }) };
    return [{ kind, destination: first.route, required: false, ...one, createdAtMs: clock.nowMs(), content }];
  }

  /** Nobody said that it is known: the next one of its group is told, in the words of the message before. */
  function escalate(nowMs: number): Finding[] {
    const items = ledger.alerts.toEscalate(nowMs, TOLD_AT_ONCE).flatMap((alert): Item[] => {
      const job = subjectOf(ledger, alert.jobId, config);
      const escalation = escalationOf(job?.definition, config);
      const escalated = (alert.escalated ?? 0) + 1;
      const route = escalation?.members[escalated];
      const silentMs = ledger.alerts.snoozedUntilMs(alert.jobId) ?? 0;
      if (job === undefined || escalation === undefined || route === undefined) {
        ledger.alerts.touch(alert.id, { escalateAtMs: null });
        return [];
      }
      if (silentMs > nowMs) {
        ledger.alerts.touch(alert.id, { escalateAtMs: silentMs });
        return [];
      }
      const more = escalated + 1 < escalation.members.length;
      ledger.alerts.touch(alert.id, { escalated, escalateAtMs: more ? nowMs + escalation.afterMs : null });
      return [{ alert, job, route }];
    });
    return byWay(items).flatMap((told) => {
      const [only, ...others] = told;
      const before = others.length > 0 || only === undefined ? [] : ledger.deliveries.ofAlert(only.alert.id);
      const said = before.findLast(({ kind }) => kind === "alert" || kind === "result")?.content;
      const sinceMs = Math.min(...told.map(({ alert }) => alert.notifiedAtMs ?? nowMs));
      const why = `Nobody has acknowledged it for ${formatDurationMs(nowMs - sinceMs)}.`;
      const { text = textOf(told), code, actions } = said ?? {};
      return finding(told, { text: `${text}\n${why}`, ...present({ code, actions }) });
    });
  }

  return {
    /** Whether one more message may go by this way now; otherwise it is to be gathered. */
    admits(route: Destination): boolean {
      const nowMs = clock.monotonicMs();
      const key = keyOf(route);
      const recent = (singles.get(key) ?? []).filter((atMs) => nowMs - atMs < GATHER_MS);
      const free = recent.length < SINGLES;
      if (free) recent.push(nowMs);
      singles.set(key, recent);
      return free;
    },
    /** The messages about what was gathered, and to those who come next, inside the caller's transaction. */
    flush(): Finding[] {
      const nowMs = clock.nowMs();
      const items = ledger.alerts.toTell(MAX_DATE_MS, TOLD_AT_ONCE).flatMap((alert): Item[] => {
        // Seen by a clock that has been set back since.
        const isUnreal = alert.closedAtMs !== undefined && alert.openedAtMs > nowMs + MINUTE_MS;
        if (isUnreal) ledger.alerts.touch(alert.id, { tellAtMs: null });
        return isUnreal || (alert.tellAtMs ?? 0) > nowMs ? [] : itemOf(alert);
      });
      const due = byWay(items).filter(([first]) => nowMs - (first?.alert.tellAtMs ?? 0) >= GATHER_MS);
      return [...due.flatMap(messageAbout), ...escalate(nowMs)];
    },
    /** So long nothing could run; told with what was missed. */
    wasDown(fromMs: number, throughMs: number): void {
      down = { fromMs, throughMs, instants: 0, sinceMs: clock.monotonicMs() };
    },
    /** Instants that passed without a run. */
    passed(instants: number): void {
      if (down !== undefined) down.instants += instants;
    },
  };
}
export type Teller = ReturnType<typeof createTeller>;
