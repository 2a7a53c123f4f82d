import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Job } from "../../schema/wire/job.ts";
import type { RunEntry } from "../../schema/wire/run.ts";
import { DEFAULT_GATEWAY, type GatewayVersion, isGatewayVersion } from "../../scripts/install-gateway.ts";
import { packPlugin } from "../../scripts/pack.ts";
import { type CliResult, type Gateway, run, startGateway } from "./gateway.ts";
import type { GatewayClient } from "./gateway-client.ts";
import { findNgircd, type IrcServer, type IrcWatcher, startIrcServer, watchIrcChannel } from "./irc.ts";
import { type Receiver, startReceiver } from "./receiver.ts";
import { waitFor } from "./wait-for.ts";

/** Gateways the end-to-end tests run on; `npm test` names them. */
export const E2E_GATEWAYS: GatewayVersion[] = (process.env["COMMAND_CRON_GATEWAYS"] ?? DEFAULT_GATEWAY)
  .split(",")
  .filter(isGatewayVersion);

export const hasNgircd = findNgircd() !== undefined;
export const IRC_CHANNEL = "#ops";

const OWN_CHANNELS = /^\[channels\] failed to load bundled channel .*\n/gm;

/** What a command of the gateway said on stderr. On a busy machine the older one finds no time to load channels of its own. */
export const remarksOf = ({ stderr }: CliResult, version: GatewayVersion): string =>
  version === "2026.6.1" ? stderr.replace(OWN_CHANNELS, "") : stderr;

export interface PluginGateway {
  gateway: Gateway;
  receiver: Receiver;
  /** Absent where no IRC server is installed. */
  irc?: { server: IrcServer; watcher: IrcWatcher };
  /** With every scope; renewed after a restart by `reconnect`. */
  client(): GatewayClient;
  reconnect(): Promise<GatewayClient>;
  /** The package's own program, as installed. */
  bin(args: string[]): Promise<CliResult>;
  add(job: Record<string, unknown>): Promise<Job>;
  /** Runs a job now and waits for its end. */
  runToEnd(id: string, timeoutMs?: number): Promise<RunEntry>;
  finished(runId: string, timeoutMs?: number): Promise<RunEntry>;
  runsOf(id: string): Promise<RunEntry[]>;
  close(): Promise<void>;
}

export interface PluginGatewayOptions {
  version: GatewayVersion;
  /** Start an IRC server, and the gateway with its channel. */
  irc?: boolean;
  env?: Record<string, string>;
  /** Before the first start, with the plugin installed. */
  prepare?(gateway: Gateway): Promise<void>;
}

/** A real gateway with the packed plugin installed as a user installs it, a webhook receiver, and IRC where there is one. */
export async function startPluginGateway(options: PluginGatewayOptions): Promise<PluginGateway> {
  const packDir = await mkdtemp(join(tmpdir(), "cc-pack-"));
  const receiver = await startReceiver();
  const irc = options.irc === true && hasNgircd ? await startIrc() : undefined;
  const gateway = await startGateway({
    version: options.version,
    ...(options.env === undefined ? {} : { env: options.env }),
    config: gatewayConfig(options.version),
    async prepare(fresh) {
      await fresh.installPlugin(process.env["COMMAND_CRON_PACKAGE"] ?? (await packPlugin(packDir)));
      if (irc !== undefined) await addIrcChannel(fresh, irc.server.port);
      await options.prepare?.(fresh);
    },
  });
  let client = await gateway.connect();

  const self: PluginGateway = {
    gateway,
    receiver,
    ...(irc === undefined ? {} : { irc }),
    client: () => client,
    async reconnect() {
      client = await gateway.connect();
      return client;
    },
    bin(args) {
      const program = join(gateway.stateDir, "extensions", "command-cron", "dist", "bin.js");
      const env = { PATH: process.env["PATH"] ?? "", OPENCLAW_STATE_DIR: gateway.stateDir, NO_COLOR: "1" };
      return run(process.execPath, [program, ...args], { cwd: gateway.rootDir, env, timeoutMs: 90_000 });
    },
    async add(job) {
      return await client.call<Job>("cron.command.add", job);
    },
    async runToEnd(id, timeoutMs) {
      const { runId } = await client.call<{ runId: string }>("cron.command.run", { id });
      return await self.finished(runId, timeoutMs);
    },
    finished: (runId, timeoutMs = 60_000) =>
      waitFor(
        async () => {
          const { entries } = await client.call<{ entries: RunEntry[] }>("cron.command.runs", { runId });
          return entries.find((entry) => entry.action === "finished" && entry.deliveryStatus !== "pending");
        },
        { timeoutMs, what: `run ${runId} to finish and settle` },
      ),
    async runsOf(id) {
      const all: RunEntry[] = [];
      for (let offset = 0; ; offset += 200) {
        const page = await client.call<{ entries: RunEntry[]; hasMore: boolean }>("cron.command.runs", {
          id,
          limit: 200,
          offset,
        });
        all.push(...page.entries);
        if (!page.hasMore) return all;
      }
    },
    async close() {
      await client.close().catch(() => {});
      irc?.watcher.close();
      await gateway.close().finally(async () => {
        await irc?.server.close();
        await receiver.close();
        await rm(packDir, { recursive: true, force: true });
      });
    },
  };
  return self;
}

/** A job that does nothing by itself: once a year, delivered nowhere. */
export const job = (name: string, argv: string[], rest: Record<string, unknown> = {}): Record<string, unknown> => ({
  name,
  schedule: { kind: "cron", expr: "0 0 1 1 *", tz: "UTC" },
  sessionTarget: "isolated",
  wakeMode: "now",
  payload: { kind: "command", argv },
  delivery: { mode: "none" },
  ...rest,
});

async function startIrc(): Promise<{ server: IrcServer; watcher: IrcWatcher }> {
  const server = await startIrcServer();
  return { server, watcher: await watchIrcChannel(server.port, IRC_CHANNEL) };
}

/** On 2026.6.1 the channel is part of the gateway; later it is a package of its own. */
async function addIrcChannel(gateway: Gateway, port: number): Promise<void> {
  if (gateway.version !== "2026.6.1") {
    const args = ["plugins", "install", "@openclaw/irc@2026.9.5", "--accept-capabilities"];
    const result = await gateway.cli(args, { timeoutMs: 180_000 });
    if (result.code !== 0) throw new Error(`installing the IRC channel failed:\n${result.stdout}${result.stderr}`);
  }
  await gateway.writeConfig((config) => {
    const plugins = config["plugins"] as { entries: Record<string, unknown> };
    plugins.entries["irc"] = { enabled: true };
    config["channels"] = {
      irc: { host: "127.0.0.1", port, tls: false, nick: "gateway", channels: [IRC_CHANNEL], groupPolicy: "open" },
    };
  });
}

function gatewayConfig(version: GatewayVersion): Record<string, unknown> {
  const tools = { allow: version === "2026.6.1" ? ["cron"] : ["cron", "automations"] };
  const older = { plugins: { entries: { "command-cron": { config: { webhook: { ssrfPolicy: LOOPBACK } } } } } };
  return { gateway: { tools }, ...(version === "2026.6.1" ? older : {}) };
}

const LOOPBACK = { allowedHostnames: ["127.0.0.1"] };
