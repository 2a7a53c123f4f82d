import type { Static } from "@sinclair/typebox";
import { createContext } from "preact";
import { useContext, useMemo } from "preact/hooks";
import type { ApprovalsResult } from "../../schema/wire/calls/approvals.ts";
import type { RunsResult } from "../../schema/wire/calls/runs.ts";
import type { AlertsResult, DeliveriesResult } from "../../schema/wire/calls/told.ts";
import type { RunEntry } from "../../schema/wire/run.ts";
import { FIRST_ALERTS } from "../../src/kernel/page.ts";
import { type Matter, mattersOf, type Status } from "../logic/attention.ts";
import { usePage, useRead } from "./page.ts";
import { useStore } from "./store.ts";

const ALL = ["jobs", "runs", "deliveries", "alerts", "notices"];

export interface Matters {
  all: Matter[];
  status: Status | undefined;
  /** What goes on now, some of it, with how far it is. */
  running: readonly RunEntry[];
  /** Both have been read. */
  known: boolean;
}

export const MattersContext = createContext<Matters>({ all: [], status: undefined, running: [], known: false });
export const useMatters = (): Matters => useContext(MattersContext);

/** Reads what waits for a person, and how the service is; once for the whole page. */
export function useMattersRead(): Matters {
  const { gateway, jobs } = usePage();
  const { all } = useStore(jobs);
  const status = useRead<Status>("status", {}, ALL).value;
  const alerts = useRead<Static<typeof AlertsResult>>("alerts", FIRST_ALERTS, ["alerts", "jobs"]).value;
  const waiting = status?.runs.awaiting ?? 0;
  const approvals = useRead<ApprovalsResult>("approvals", waiting === 0 ? undefined : { limit: 50 }, ["runs"]).value;
  const goesOn = (status?.runs.running ?? 0) > 0;
  const running = useRead<Static<typeof RunsResult>>(
    "runs",
    goesOn ? { runStatuses: ["running"], limit: 20 } : undefined,
    ["runs", "progress"],
  ).value;
  const counted = status?.deliveries;
  const dead = useMessages("dead", counted?.["dead"]);
  const unknown = useMessages("unknown", counted?.["unknown"]);
  return useMemo(() => {
    const facts = {
      nowMs: gateway.now(),
      status,
      alerts: alerts?.alerts ?? [],
      jobs: all.flatMap(({ job, watched }) => (watched === undefined ? job : [])),
      approvals: waiting === 0 ? [] : (approvals?.approvals ?? []),
      messages: [...(unknown?.deliveries ?? []), ...(dead?.deliveries ?? [])],
    };
    return {
      all: mattersOf(facts),
      status,
      running: goesOn ? (running?.entries ?? []) : [],
      known: status !== undefined && alerts !== undefined,
    };
  }, [status, alerts, approvals, waiting, all, dead, unknown, goesOn, running]);
}

const useMessages = (state: "dead" | "unknown", many = 0) =>
  useRead<Static<typeof DeliveriesResult>>("deliveries", many === 0 ? undefined : { state, limit: 20 }, ["deliveries"])
    .value;
