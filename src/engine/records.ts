import { stat } from "node:fs/promises";
import type { AlertEntry } from "../../schema/wire/calls/told.ts";
import { SECOND_MS } from "../kernel/durations.ts";
import { CommandCronError } from "../kernel/errors.ts";
import type { Events } from "../kernel/events.ts";
import type { AlertChange, AlertRecord, Ledger } from "../ledger/types.ts";
import { failureRoutes } from "../policy/addresses/index.ts";
import { redacted } from "../policy/text/index.ts";
import { alertChanged, subjectOf } from "../watch/index.ts";
import type { Caller, EngineApi } from "./api.ts";
import { backupPath, type EngineDeps } from "./deps.ts";
import { paged } from "./views.ts";

/** Alerts on record, and the ledger as a file: copies and checks. */
export function createRecords(
  deps: Pick<EngineDeps, "config" | "stateDir" | "clock"> & { events: Events },
  ledger: Ledger,
): Pick<EngineApi, "alerts" | "ackAlerts" | "snoozeAlerts" | "backup" | "checkLedger" | "shownConfig"> {
  function entryOf(alert: AlertRecord): AlertEntry {
    const definition = subjectOf(ledger, alert.jobId, deps.config)?.definition;
    if (definition === undefined) return alert;
    const route = failureRoutes(definition, deps.config)[0];
    return { ...alert, jobName: definition.name, ...(route === undefined ? {} : { route }) };
  }

  /** By its id, or the open ones of a job. Raises ALERT_NOT_FOUND. */
  function openAlerts(ref: string): AlertRecord[] {
    const alert = ledger.alerts.find(ref);
    const own = alert === undefined ? ledger.jobs.matches(ref) : [];
    const jobs = alert === undefined && own.length === 0 ? ledger.observed.matches(ref) : own;
    const found = alert === undefined ? jobs.flatMap(({ id }) => ledger.alerts.openOf(id)) : [alert];
    const open = found.filter(({ closedAtMs }) => closedAtMs === undefined);
    if (open.length === 0 || jobs.length > 1) throw new CommandCronError("ALERT_NOT_FOUND", { got: ref });
    return open;
  }

  function change(
    ref: string,
    state: "acked" | "snoozed",
    { label }: Caller,
    make: (alert: AlertRecord, nowMs: number) => AlertChange,
  ) {
    const nowMs = deps.clock.nowMs();
    const ids = ledger.transaction(() =>
      openAlerts(ref).map((alert) => {
        ledger.alerts.touch(alert.id, make(alert, nowMs));
        ledger.alerts.note(alert.id, state, nowMs, label);
        return alert.id;
      }),
    );
    for (const id of ids) alertChanged(deps.events, id, "open");
    return { alerts: ids.flatMap((id) => ledger.alerts.get(id) ?? []).map(entryOf) };
  }

  return {
    ackAlerts: (ref, caller) =>
      change(ref, "acked", caller, (_alert, nowMs) => ({
        ackedAtMs: nowMs,
        ackedBy: caller.label,
        tellAtMs: null,
        escalateAtMs: null,
      })),
    snoozeAlerts: (ref, until, caller) =>
      change(ref, "snoozed", caller, ({ tellAtMs }, nowMs) => {
        const snoozedUntilMs = until.untilMs ?? nowMs + Math.round((until.forSeconds ?? 0) * SECOND_MS);
        const later = tellAtMs === undefined ? {} : { tellAtMs: Math.max(tellAtMs, snoozedUntilMs) };
        return { snoozedUntilMs, snoozedBy: caller.label, ...later };
      }),
    alerts(query) {
      const page = ledger.alerts.list(query);
      const alerts = page.rows.map(entryOf);
      return { alerts, ...paged(page, query) };
    },
    async backup(file) {
      const target = file ?? backupPath(deps.stateDir, "ledger", deps.clock.nowMs(), "sqlite");
      await ledger.backup(target);
      return { file: target, bytes: (await stat(target)).size };
    },
    shownConfig: () => ({ config: redacted(deps.config) }),
    checkLedger: async () => ({ problems: await ledger.checkAside() }),
  };
}
