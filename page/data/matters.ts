import { createContext } from "preact";
import { useContext, useMemo } from "preact/hooks";
import type { ApprovalsResult } from "../../schema/wire/calls/approvals.ts";
import type { RunsResult } from "../../schema/wire/calls/runs.ts";
import type { AlertsResult, DeliveriesResult } from "../../schema/wire/calls/told.ts";
import type { RunEntry } from "../../schema/wire/run.ts";
import { FIRST_ALERTS } from "../../src/kernel/page.ts";
import { type Matter, mattersOf, type Status } from "../logic/attention.ts";
import { type Failure, failuresOf, failuresQuestion } from "../logic/failures.ts";
import { type Signs, signsOf } from "../logic/signs.ts";
import { useNow, usePage, useRead } from "./page.ts";
import { useStore } from "./store.ts";

const ALL = ["jobs", "runs", "deliveries", "alerts", "notices"];

interface Matters {
  all: Matter[];
  status: Status | undefined;
  /** What goes on now, some of it, with how far it is. */
  running: readonly RunEntry[];
  /** What failed or was missed in the last day; undefined until it has been read. */
  failures: readonly Failure[] | undefined;
  signs: Signs;
  /** Both have been read. */
  known: boolean;
}

export const MattersContext = createContext<Matters>({
  ...{ all: [], status: undefined, running: [], known: false },
  ...{ failures: undefined, signs: new Map() },
});
export const useMatters = (): Matters => useContext(MattersContext);

/** Reads what waits for a person, and how the service is; once for the whole page. */
export function useMattersRead(): Matters {
  const { gateway, jobs } = usePage();
  const { all, byId } = useStore(jobs);
  const now = useNow(15_000);
  const status = useRead<Status>("status", {}, ALL).value;
  const alerts = useRead<AlertsResult>("alerts", FIRST_ALERTS, ["alerts", "jobs"]).value;
  const waiting = status?.runs.awaiting ?? 0;
  const approvals = useRead<ApprovalsResult>("approvals", waiting === 0 ? undefined : { limit: 50 }, ["runs"]).value;
  const goesOn = (status?.runs.running ?? 0) > 0;
  const running = useRead<RunsResult>("runs", goesOn ? { runStatuses: ["running"], limit: 20 } : undefined, [
    "runs",
    "progress",
  ]).value;
  const bad = useRead<RunsResult>("runs", failuresQuestion(now), ["runs"]).value;
  const counted = status?.deliveries;
  const dead = useMessages("dead", counted?.["dead"]);
  const unknown = useMessages("unknown", counted?.["unknown"]);
  return useMemo(() => {
    const nowMs = gateway.now();
    const underWay = goesOn ? (running?.entries ?? []) : [];
    const failures = bad && failuresOf(bad.entries, (id) => byId.get(id)?.job.state);
    const facts = {
      nowMs,
      status,
      alerts: alerts?.alerts ?? [],
      jobs: all.flatMap(({ job, watched }) => (watched === undefined ? job : [])),
      approvals: waiting === 0 ? [] : (approvals?.approvals ?? []),
      running: underWay,
      messages: [...(unknown?.deliveries ?? []), ...(dead?.deliveries ?? [])],
    };
    return {
      all: mattersOf(facts),
      status,
      running: underWay,
      failures,
      signs: signsOf({ nowMs, approvals: facts.approvals, running: underWay, failures: failures ?? [] }),
      known: status !== undefined && alerts !== undefined,
    };
  }, [now, status, alerts, approvals, waiting, all, dead, unknown, goesOn, running, bad]);
}

const useMessages = (state: "dead" | "unknown", many = 0) =>
  useRead<DeliveriesResult>("deliveries", many === 0 ? undefined : { state, limit: 20 }, ["deliveries"]).value;
