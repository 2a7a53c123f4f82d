import type { IncomingMessage, ServerResponse } from "node:http";
import type { Config } from "../../schema/wire/config.ts";
import type { Caller } from "../engine/api.ts";
import type { GatewayRun } from "../engine/index.ts";
import type { PageRoute } from "../page/api.ts";
import type { OutboundAdapter } from "./gateway/index.ts";
import type { NodeDoor } from "./node/types.ts";

/** Files of the package that are needed at run time. */
export interface PluginFiles {
  /** The built runner program. */
  runnerFile: string;
  /** The built page. */
  pageFile: string;
  packageFile: string;
}

/** What the gateway says when it has started, or has replaced this plugin. */
export interface GatewayStarted {
  /** Where it listens. */
  port: number | undefined;
  /** Whatever scheduler is in force when it is asked. */
  getCron(): unknown;
}

export interface ServiceOptions {
  files: PluginFiles;
  config: Config;
  /** Of the gateway. */
  gatewayVersion: string | undefined;
  /** Whether this gateway's Control UI has the page as a tab, and what to say of it. */
  tab: { tab: boolean; detail: string };
  /** Absent where the gateway does not let plugins reach nodes. */
  nodes: NodeDoor | undefined;
  adapter(channel: string): Promise<OutboundAdapter | undefined>;
}

/** The engine at work, as the service asks it. */
export interface Runtime {
  dispatch(name: string, params: unknown, caller: Caller): Promise<unknown>;
  /** Answers one request of the page, whatever happens. */
  page(route: PageRoute, request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Whether this is the id of a job that is kept here. */
  holdsJob(id: string): boolean;
  /** The gateway has started: stands in for the command jobs of its own cron from now on. */
  useGateway(started: GatewayStarted): void;
  /** The gateway's own cron has taken a job; before this one stands in for it that may be one that belongs here. */
  cronAdded(id: string): void;
  /** Something about the gateway's own jobs has changed, or one of them has ended. What nobody hears, its history tells. */
  cronChanged(end?: GatewayRun): void;
  /** With `replaced` another instance takes over at once, and the gateway waits five seconds for this one at most. */
  stop(replaced: boolean): Promise<void>;
}
