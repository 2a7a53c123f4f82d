import type { Found } from "../../watch/index.ts";
import type { GatewayCron, GatewayRun } from "../deps.ts";
import { createObservedJudge, type JudgeDeps } from "./judge.ts";
import { createObserver } from "./observer.ts";
import { findOffTime } from "./off-time.ts";

interface GatewayWatch {
  start(): void;
  stop(): void;
  /** The gateway says that something about its own jobs has changed, or that one of them has ended. */
  changed(end?: GatewayRun): void;
  find(): Found[];
  quiet(): boolean;
  status(): { watched: number; detail: string };
}

/** Watches the gateway's own jobs, where there is a gateway and the operator has not switched it off. */
export function watchGatewayJobs({ source, ...deps }: JudgeDeps & { source: GatewayCron | undefined }): GatewayWatch {
  if (source === undefined || deps.config.gatewayJobs?.watch === false) {
    const detail = source === undefined ? "not watched" : "not watched: `gatewayJobs.watch` is false";
    const nothing = (): void => {};
    return {
      ...{ start: nothing, stop: nothing, changed: nothing, find: () => [], quiet: () => true },
      status: () => ({ watched: 0, detail }),
    };
  }
  const observer = createObserver({ ...deps, source, judge: createObservedJudge(deps) });
  const jobs = () => [...observer.jobs()];
  return {
    start: observer.start,
    stop: observer.stop,
    changed: observer.changed,
    find: () => findOffTime(deps, observer),
    quiet: () => jobs().every(({ enabled }) => !enabled),
    status() {
      const watched = jobs().length;
      const unseen = observer.unseen();
      const said = observer.problem() ?? `${watched === 1 ? "1 job is" : `${watched} jobs are`} watched`;
      if (unseen === undefined) return { watched, detail: said };
      const less = "of what ended while nobody watched only the last end of each job is known";
      return { watched, detail: `${said}; ${less}: ${unseen}` };
    },
  };
}
