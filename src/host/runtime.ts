import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir, hostname, userInfo } from "node:os";
import { join } from "node:path";
import type { Config } from "../../schema/wire/config.ts";
import { startEngine } from "../engine/index.ts";
import { reportStopped } from "../engine/status/index.ts";
import { type Clock, systemClock } from "../kernel/clock.ts";
import { SECOND_MS } from "../kernel/durations.ts";
import { CommandCronError } from "../kernel/errors.ts";
import { createPage } from "../page/index.ts";
import { createDispatcher, toGatewayError } from "../rpc/index.ts";
import { createPlaces, createRunnerClient } from "../runner/index.ts";
import { type HostFacts, readFacts, withTransfer } from "../transfer/index.ts";
import {
  type ApprovalAsker,
  addressOf,
  createApprovalAsker,
  createGatewayPort,
  openApprovalsConnection,
  openSdkConnection,
} from "./client/index.ts";
import { gatewayConfig, resolveSecret, resolveSecretInput } from "./config/index.ts";
import { attachCronSeam, type CronSeam } from "./cron/index.ts";
import { createSender, resolveTarget, sessionRoute } from "./delivery/index.ts";
import { forwardEvents } from "./events.ts";
import { adaptLogger, outside, type ServiceContext } from "./gateway/index.ts";
import { createFabric } from "./node/index.ts";
import type { Runtime, ServiceOptions } from "./types.ts";

/** Our directory under the gateway's state directory. */
const STATE_DIR = "command-cron";

/** Timers that a caller's request sets, through `openclaw cron` for one, are not part of it. */
const clock: Clock = {
  ...systemClock,
  setTimer: (work, delayMs) => outside(() => systemClock.setTimer(work, delayMs)),
};

interface RuntimeOptions extends ServiceOptions {
  context: ServiceContext;
}

/** Builds the engine on what the gateway offers, and starts it. Raises what `startEngine` raises. */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { files, config, context, adapter, tab, gatewayVersion } = options;
  const stateDir = join(context.stateDir, STATE_DIR);
  // The gateway sends files from here.
  const mediaDir = join(context.stateDir, "media", STATE_DIR);
  const logger = adaptLogger(context.logger);
  const targets = { config: gatewayConfig, adapter, sessionRoute };
  const mode = config.cronCommands ?? "route";
  const health = createHealth(context.serviceHealth);
  const version = await versionOf(files.packageFile);
  let seam: CronSeam | undefined;
  let port: number | undefined;
  const address = () => addressOf({ port, config: gatewayConfig(), secret: resolveSecretInput });
  const client = createGatewayPort({
    mode: config.gatewayClient ?? "read",
    clock,
    address,
    open: async (...connection) => openSdkConnection(gatewayVersion, ...connection),
  });
  const approvals = createGatewayPort({
    mode: config.gatewayApprovals === "off" ? "off" : "approvals",
    clock,
    address,
    open: async (_address, _scopes, on) => await openApprovalsConnection(gatewayConfig(), on),
  });
  let asker: ApprovalAsker | undefined;
  const sender = createSender(config, { dir: mediaDir, nowMs: clock.nowMs }, { client, gatewayVersion });
  /** Added to the gateway's cron before that could be reached. */
  const early: string[] = [];
  const here = createRunnerClient({
    stateDir,
    runnerFile: files.runnerFile,
    clock,
    logger,
    replaceAfterMs: config.runner?.replaceAfterSeconds && config.runner.replaceAfterSeconds * SECOND_MS,
  });
  const invokeNode = context.invokeNode?.bind(context);
  const runner =
    options.nodes === undefined || invokeNode === undefined
      ? here
      : createPlaces({
          here,
          fabric: createFabric(options.nodes, invokeNode, gatewayConfig),
          settings: config.nodes ?? {},
          stateDir,
          clock,
        });
  const engine = await startEngine({
    stateDir,
    config,
    logger,
    clock,
    random: Math.random,
    sender: {
      send: (message, signal) => outside(() => sender.send(message, signal)),
      ping: (url, signal) => outside(async () => await sender.ping?.(url, signal)),
      kept: () => outside(async () => await sender.kept?.()),
    },
    runner,
    version,
    hostName: hostname(),
    hostTz: Intl.DateTimeFormat().resolvedOptions().timeZone,
    homeDir: existsSync(homedir()) ? homedir() : "/",
    hostEnv: process.env,
    platform: process.platform,
    resolveSecret,
    resolveTarget: (destination, session) => resolveTarget(targets, destination, session),
    health: (problem) => health("engine", problem),
    at() {},
    gatewayApprovals: () => asker?.status() ?? { asks: false, detail: "the service starts" },
    gatewayClient: client.status,
    gatewayCron: {
      async jobs() {
        if (seam === undefined) throw new CommandCronError("CRON_UNREACHABLE");
        return await seam.jobs();
      },
      ends: (page) => client.request("cron.runs", page),
    },
    page: tab,
    routing: () => seam?.status() ?? { mode, active: false, detail: "the gateway has not handed out its cron yet" },
  });
  asker = createApprovalAsker({
    engine,
    events: engine.events,
    client: approvals,
    clock,
    logger,
    config: gatewayConfig,
    enabled: config.gatewayApprovals !== "off",
  });
  const service = withTransfer(engine, hostFacts(config));
  const dispatcher = createDispatcher(
    () => service,
    () => seam?.moves(),
  );
  const page = createPage({ file: files.pageFile, version, clock, dispatcher, engine, events: engine.events });
  const stopForwarding = forwardEvents(engine.events, systemClock, (change) => {
    context.gatewayEvents?.emit("changed", change, { scope: "operator.read" });
    page.changed(change);
  });
  return {
    dispatch: dispatcher.dispatch,
    page: page.handle,
    holdsJob: (id) => engine.findJob(id) !== undefined,
    useGateway({ port: listens, getCron }) {
      port = listens;
      seam?.detach();
      const report = (problem: string | undefined) => health("routing", problem);
      seam = attachCronSeam({ mode, getCron, engine, clock, logger, report });
      for (const id of early.splice(0)) seam.added(id);
      asker?.look();
      void seam.refresh().then(() => engine.gatewayJobChanged());
    },
    cronAdded(id) {
      if (seam === undefined) early.push(id);
      else seam.added(id);
    },
    cronChanged: (end) => engine.gatewayJobChanged(end),
    async stop(replaced) {
      seam?.detach();
      stopForwarding();
      page.close();
      await asker?.stop();
      approvals.close();
      client.close();
      await engine.stop({ replaced });
    },
  };
}

/** This host as the importers ask for it. A user without a name in the system has none here either. */
function hostFacts({ pools = {}, destinations = {}, groups = {} }: Config): HostFacts {
  const names = Object.keys({ ...destinations, ...groups });
  const facts = { hostname: hostname(), pools: Object.keys(pools), destinations: names, home: homedir() };
  try {
    const { username, uid } = userInfo();
    return readFacts({ ...facts, user: username, ...(uid < 0 ? {} : { uid }) });
  } catch {
    return readFacts(facts);
  }
}

/** One line of health for several sources: the first that has something to say. */
function createHealth(
  reporter: ServiceContext["serviceHealth"],
): (source: string, problem: string | undefined) => void {
  const problems = new Map<string, string>();
  return (source, problem) => {
    if (problem === undefined) problems.delete(source);
    else problems.set(source, problem);
    const [first] = problems.values();
    if (first === undefined) reporter?.clearFailure?.();
    else reporter?.reportFailure(new Error(first));
  };
}

/** The package's version. */
export async function versionOf(packageFile: string): Promise<string> {
  return (JSON.parse(await readFile(packageFile, "utf8")) as { version: string }).version;
}

export { reportStopped, toGatewayError };
