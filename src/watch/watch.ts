import type { Action, Destination } from "../../schema/wire/delivery.ts";
import type { Clock } from "../kernel/clock.ts";
import { formatDurationMs } from "../kernel/durations.ts";
import type { Events } from "../kernel/events.ts";
import { newId } from "../kernel/ids.ts";
import { pick } from "../kernel/present.ts";
import type { AlertRecord, Ledger } from "../ledger/types.ts";
import { failureRoutes } from "../policy/addresses/index.ts";
import {
  type AlertDecision,
  type AlertRun,
  decideAlert,
  gapAfter,
  hearsOfMissed,
  outcomeWords,
} from "../policy/alerts/index.ts";
import { toWireStatus } from "../policy/run/index.ts";
import { alertAbout, alertText, disabledText, recoveryText } from "../policy/text/index.ts";
import { compileJobOrNot, zoneOfSchedule } from "../policy/time/index.ts";
import { isOfCondition } from "./conditions.ts";
import { type EndedRun, messageAbout } from "./message.ts";
import {
  alertChanged,
  JOB_OFF_TIME,
  type Judging,
  machineOf,
  nextTryMs,
  offTimeNotice,
  routeOf,
  settingsFor,
  tellFromMs,
  toldNow,
  toldOf,
} from "./subject.ts";
import type { Finding, Teller } from "./teller.ts";

interface WatchDeps extends Judging {
  ledger: Ledger;
  clock: Clock;
  events: Events;
  teller: Teller;
}

export interface Watch {
  /** Opens, counts and closes alerts, inside the settling transaction. Answers the messages to send. */
  judgeRun(end: EndedRun): Finding[];
  /** Messages about the service itself; the caller asks once an incident. */
  noticeDeliveries(notice: { code: string; message: string }): Finding[];
}

/** What may be done about a run that failed. */
const FAILED: Action[] = ["run", "silence", "tail", "disable"];
const JOB_FAILING = "JOB_FAILING";
/** Why an instant passed; others are told of by who let it pass. */
const MISSED: ReadonlySet<string> = new Set(["misfire_policy", "outside_window"]);

/** Judges what finished runs mean: one incident a cause, one message an incident, one note when the job is well again. */
export function createWatch({ ledger, clock, events, config, hostTz, hostName, teller }: WatchDeps): Watch {
  function judgeRun(end: EndedRun): Finding[] {
    const { job, after } = end;
    const open = ledger.alerts.openOf(job.id).filter((alert) => !isOfCondition(job, alert));
    const decision = decideAlert({
      settings: settingsFor(job, config.alerts),
      open,
      // Only a run that has failed asks for them.
      get lastToldAtMs() {
        return ledger.alerts.lastToldAtMs(job.id);
      },
      get snoozedUntilMs() {
        return ledger.alerts.snoozedUntilMs(job.id);
      },
      run: toAlertRun(end),
      ...pick(after, "consecutiveErrors", "consecutiveSkipped"),
      nowMs: clock.nowMs(),
    });
    const route = routeOf(job, config);
    // This run made the job stop being scheduled.
    const stops = after.enabled === false && after.autoDisabled?.reason !== "until" && job.autoDisabled === undefined;
    const disabled = stops ? [disabledMessage(end, route)] : [];
    const said = record(end, decision, open, route);
    if (decision.verdict === "none") judgeMissed(end, open, route);
    return [...said, ...disabled].filter((finding) => finding !== undefined);
  }

  function record(
    end: EndedRun,
    decision: AlertDecision,
    open: AlertRecord[],
    route: Destination | undefined,
  ): (Finding | undefined)[] {
    const { job, run } = end;
    const nowMs = clock.nowMs();
    switch (decision.verdict) {
      case "none":
        return [];
      case "open": {
        const id = newId();
        ledger.alerts.open({ id, jobId: job.id, cause: decision.cause, atMs: nowMs, runId: run.id });
        alertChanged(events, id, "open");
        return decision.notify ? [notify(end, id, route)] : [];
      }
      case "repeat": {
        const known = open.find(({ cause }) => cause === decision.cause);
        if (known === undefined) return [];
        ledger.alerts.touch(known.id, { occurrences: known.occurrences + 1 });
        return decision.notify ? [notify(end, known.id, route)] : [];
      }
      case "close":
        return close(end, open, decision.notify, route);
    }
  }

  /** An instant passed without a run. Many do at once after a time down, so it is gathered. */
  function judgeMissed(end: EndedRun, open: AlertRecord[], route: Destination | undefined): void {
    const { job, run, status } = end;
    const { scheduledForMs, covers, reason = "" } = run;
    if (!(status === "missed" && MISSED.has(reason)) && !(status === "skipped" && reason === "overlap")) return;
    if (status === "missed") teller.passed(covers);
    const settings = settingsFor(job, config.alerts);
    const compiled = settings === undefined ? undefined : compileJobOrNot(job, hostTz);
    if (settings === undefined || compiled === undefined || scheduledForMs === undefined) return;
    if (!hearsOfMissed(job.definition.policy?.expect, gapAfter(compiled, scheduledForMs))) return;
    const nowMs = clock.nowMs();
    const known = open.find(({ cause }) => cause === "missed");
    const id = known?.id ?? newId();
    const occurrences = (known?.occurrences ?? 0) + covers;
    const instants = occurrences === 1 ? "1 instant" : `${occurrences} instants`;
    const about = `${instants} without a run${status === "skipped" ? ", the run before was still going" : ""}`;
    if (known === undefined) {
      ledger.alerts.open({ id, jobId: job.id, cause: "missed", atMs: nowMs, runId: run.id });
      alertChanged(events, id, "open");
    }
    const tells = route !== undefined && known === undefined;
    const tellAtMs = tells ? tellFromMs(ledger, job.id, settings.cooldownMs, nowMs) : undefined;
    ledger.alerts.touch(id, { occurrences, about, ...(tellAtMs === undefined ? {} : { tellAtMs }) });
    if (route === undefined) ledger.notices.raise(offTimeNotice(job, "missed", about, nowMs));
  }

  function notify(end: EndedRun, alertId: string, route: Destination | undefined): Finding | undefined {
    const { job, run, result, after } = end;
    const nowMs = clock.nowMs();
    const skipped = toWireStatus(end.status) === "skipped";
    const startedAtMs = run.startedAtMs ?? result?.startedAtMs;
    const cause = end.error ?? end.run.reason ?? end.status;
    const times = skipped ? after.consecutiveSkipped : after.consecutiveErrors;
    const outcome = outcomeWords(toAlertRun(end));
    if (route !== undefined && !teller.admits(route)) {
      ledger.alerts.touch(alertId, { about: alertAbout({ outcome, times }), tellAtMs: nowMs });
      return undefined;
    }
    const said = alertText({
      jobId: job.id,
      jobName: job.definition.name,
      observed: job.observed,
      hostName: machineOf(ledger, run, hostName),
      outcome,
      cause,
      times,
      ...(startedAtMs === undefined ? {} : { runId: run.id }),
      startedAtMs,
      durationMs: startedAtMs === undefined || result === undefined ? undefined : result.endedAtMs - startedAtMs,
      lastOkAtMs: job.lastOkAtMs,
      nextAtMs: after.enabled === false ? undefined : nextTryMs(job, after.backoffUntilMs ?? undefined, hostTz),
      text: end.text,
      nowMs,
      tz: zoneOfSchedule(job.definition.schedule, hostTz),
    });
    if (route === undefined) {
      // Nobody to tell: the finding is kept where `status` shows it.
      const message = `${job.definition.name}: ${cause}`;
      ledger.notices.raise({ code: JOB_FAILING, key: job.id, message, atMs: nowMs });
      return undefined;
    }
    ledger.alerts.touch(alertId, { ...toldNow(job, config, nowMs), about: alertAbout({ outcome, times }) });
    const alert = messageAbout(clock, end, { kind: "alert", alertId, route, text: said.text, facts: { cause, times } });
    const actions: Action[] = startedAtMs === undefined ? ["run", "silence", "disable"] : FAILED;
    return { ...alert, content: { ...alert.content, code: said.code, actions }, brief: said.brief };
  }

  function close(
    end: EndedRun,
    open: AlertRecord[],
    notifying: boolean,
    route: Destination | undefined,
  ): (Finding | undefined)[] {
    const { job, run } = end;
    const nowMs = clock.nowMs();
    for (const { id, cause, notifiedAtMs, tellAtMs, about } of open) {
      ledger.alerts.close(id, nowMs, run.id);
      // Instants that passed are told of all the same: what ran since did not run then.
      const stillTold = cause === "missed" && notifiedAtMs === undefined && tellAtMs !== undefined;
      ledger.alerts.touch(id, {
        escalateAtMs: null,
        ...(stillTold ? { about: `${about}; it has run since` } : { tellAtMs: null }),
      });
      alertChanged(events, id, "closed");
    }
    for (const code of [JOB_FAILING, JOB_OFF_TIME]) ledger.notices.close(code, job.id, nowMs);
    const first = open.find(({ notifiedAtMs }) => notifiedAtMs !== undefined);
    if (!notifying || route === undefined || first === undefined) return [];
    const openedAtMs = Math.min(...open.map((alert) => alert.openedAtMs));
    const failures = job.consecutiveErrors;
    if (!teller.admits(route)) {
      const about = `well again after ${formatDurationMs(nowMs - openedAtMs)}`;
      ledger.alerts.touch(first.id, { about, tellAtMs: nowMs });
      return [];
    }
    const text = recoveryText({
      ...{ jobName: job.definition.name, hostName: machineOf(ledger, run, hostName) },
      ...{ failures, openedAtMs, nowMs },
    });
    const said = { kind: "recovery", alertId: first.id, text, facts: { failures, openedAtMs } } as const;
    return toldOf(job, config, first).map((to) => messageAbout(clock, end, { ...said, route: to }));
  }

  function disabledMessage(end: EndedRun, route: Destination | undefined): Finding | undefined {
    const { id, definition } = end.job;
    const times = end.after.consecutiveErrors;
    const text = disabledText({
      ...{ jobId: id, jobName: definition.name, cause: end.error ?? end.status, times },
      hostName: machineOf(ledger, end.run, hostName),
    });
    if (route !== undefined) return messageAbout(clock, end, { kind: "notice", route, text, facts: { times } });
    ledger.notices.raise({ code: "JOB_DISABLED", key: id, message: text, atMs: clock.nowMs() });
    return undefined;
  }

  return {
    judgeRun,
    noticeDeliveries({ code, message: text }) {
      const [destination] = failureRoutes(undefined, config);
      if (destination === undefined) return [];
      const createdAtMs = clock.nowMs();
      const body = JSON.stringify({ action: "notice", code, text, createdAtMs });
      const content = destination.mode === "webhook" ? { text, body } : { text };
      return [{ kind: "notice", destination, required: false, createdAtMs, content }];
    },
  };
}

function toAlertRun({ run, result, status }: EndedRun): AlertRun {
  return {
    status,
    outcome: result?.outcome,
    exitCode: result?.exitCode,
    signal: result?.signal,
    errorCode: result?.error?.code,
    reason: run.reason,
  };
}
