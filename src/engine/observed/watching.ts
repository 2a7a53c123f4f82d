import type { Config } from "../../../schema/wire/config.ts";
import type { Outbox } from "../../outbox/index.ts";
import type { Found, Watch } from "../../watch/index.ts";
import type { Core, GatewayCron, GatewayRun } from "../deps.ts";
import { createObservedJudge } from "./judge.ts";
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

interface GatewayWatchDeps extends Core {
  source: GatewayCron | undefined;
  config: Pick<Config, "gatewayJobs">;
  hostTz: string;
  watch: Pick<Watch, "judgeRun">;
  outbox: Pick<Outbox, "enqueue" | "kick">;
}

/** Watches the gateway's own jobs, where there is a gateway and the operator has not switched it off. */
export function watchGatewayJobs({ source, ...deps }: GatewayWatchDeps): GatewayWatch {
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
      const said = [
        observer.problem() ?? `${watched === 1 ? "1 job is" : `${watched} jobs are`} watched`,
        ...(unseen === undefined
          ? []
          : [`of what ended while nobody watched only the last end of each job is known: ${unseen}`]),
      ];
      return { watched, detail: said.join("; ") };
    },
  };
}
