import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { DEFAULT_GATEWAY, ensureGateway, type GatewayVersion } from "../../scripts/install-gateway.ts";
import { errorText } from "../../src/kernel/errors.ts";
import { freePort } from "./free-port.ts";
import { connectGateway, type GatewayClient, type GatewayClientOptions, type Scope } from "./gateway-client.ts";
import { cpuSeconds, killProcessesIn, processesIn } from "./processes.ts";
import { waitFor } from "./wait-for.ts";

const PROJECT_DIR = dirname(dirname(import.meta.dirname));
const ALL_SCOPES: readonly Scope[] = ["operator.read", "operator.write", "operator.admin"];

export interface GatewayOptions {
  version?: GatewayVersion;
  /** Merged over the default config, deeply. */
  config?: Record<string, unknown>;
  /** Added to the gateway's environment, and to that of the CLI. */
  env?: Record<string, string>;
  /** Runs after the directories exist and before the first start. */
  prepare?(gateway: Gateway): Promise<void>;
}

export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Gateway {
  version: GatewayVersion;
  /** Everything the gateway writes lies under here. */
  rootDir: string;
  stateDir: string;
  configFile: string;
  port: number;
  url: string;
  httpUrl: string;
  token: string;
  /** Of the running gateway. */
  pid(): number;
  start(): Promise<void>;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>;
  /** SIGKILL: nothing of ours gets to run. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Runs the real `openclaw` with this gateway's state and config. */
  cli(args: string[], options?: { env?: Record<string, string>; timeoutMs?: number }): Promise<CliResult>;
  /** `openclaw plugins install`, as a user does it; restarts where the version does not load it by itself. */
  installPlugin(packageFile: string): Promise<void>;
  connect(options?: Partial<GatewayClientOptions>): Promise<GatewayClient>;
  /** What it printed so far, all starts. */
  log(): Promise<string>;
  readConfig(): Promise<Record<string, unknown>>;
  writeConfig(change: (config: Record<string, unknown>) => void): Promise<void>;
  /** Ends it if need be, and removes its files. Raises when a process of it is left behind. */
  close(): Promise<void>;
}

/** A real gateway on a free loopback port with its own state, home and temporary directory. */
export async function startGateway(options: GatewayOptions = {}): Promise<Gateway> {
  const gateway = await createGateway(options);
  try {
    await options.prepare?.(gateway);
    await gateway.start();
    return gateway;
  } catch (error) {
    const cpu = cpuSeconds(gateway.pid());
    killProcessesIn(gateway.rootDir);
    const log = await gateway.log();
    await rm(gateway.rootDir, { recursive: true, force: true });
    const why = `${errorText(error)}${cpu === undefined ? "" : `; it had ${cpu.toFixed(1)} s of CPU`}`;
    throw new Error(`the gateway did not start: ${why}; it printed:\n${log}`, { cause: error });
  }
}

async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const version = options.version ?? DEFAULT_GATEWAY;
  const program = join(await ensureGateway(version), "node_modules", "openclaw", "openclaw.mjs");
  const rootDir = await mkdtemp(join(tmpdir(), "cc-gw-"));
  const stateDir = join(rootDir, "state");
  const configFile = join(stateDir, "openclaw.json");
  const logFile = join(rootDir, "gateway.log");
  const port = await freePort();
  const token = randomBytes(16).toString("hex");
  for (const dir of [stateDir, join(rootDir, "home"), join(rootDir, "tmp")]) await mkdir(dir, { recursive: true });
  await writeFile(
    configFile,
    JSON.stringify(merge(defaultConfig(version, port, token, rootDir), options.config ?? {})),
  );

  const env = {
    PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`,
    HOME: join(rootDir, "home"),
    TMPDIR: join(rootDir, "tmp"),
    LANG: "C.UTF-8",
    // Kept over starts; without the second variable the gateway would start itself again in a child of its own.
    NODE_COMPILE_CACHE: join(PROJECT_DIR, ".cache", `gateway-${version}`),
    OPENCLAW_PACKAGED_COMPILE_CACHE_RESPAWNED: "1",
    OPENCLAW_STATE_DIR: stateDir,
    OPENCLAW_CONFIG_PATH: configFile,
    OPENCLAW_NO_AUTO_UPDATE: "1",
    ...npmSettings(),
    ...options.env,
  };
  let child: ChildProcess | undefined;

  async function end(signal: NodeJS.Signals): Promise<void> {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill(signal);
    await ended;
  }

  async function begin(): Promise<void> {
    const out = createWriteStream(logFile, { flags: "a" });
    await new Promise((resolve) => out.once("open", resolve));
    const started = spawn(process.execPath, [program, "gateway", "run", "--port", String(port)], {
      cwd: rootDir,
      env,
      stdio: ["ignore", out, out],
    });
    out.close();
    child = started;
    const ended = new Promise<never>((_, reject) => {
      started.once("exit", (code, signal) => reject(new Error(`the gateway ended: ${signal ?? code}`)));
    });
    // Ends of later days are not this start's concern.
    ended.catch(() => {});
    const isOver = () => started.exitCode !== null || started.signalCode !== null;
    await Promise.race([isReady(gateway.httpUrl, isOver), ended]);
  }

  const gateway: Gateway = {
    version,
    rootDir,
    stateDir,
    configFile,
    port,
    url: `ws://127.0.0.1:${port}`,
    httpUrl: `http://127.0.0.1:${port}`,
    token,
    pid: () => child?.pid ?? 0,
    async start() {
      // It may give up its own start when the machine is busy.
      await begin().catch(async () => {
        await end("SIGKILL");
        await begin();
      });
    },
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    async restart() {
      await gateway.stop();
      await gateway.start();
    },
    cli: (args, cliOptions = {}) =>
      run(process.execPath, [program, ...args], {
        cwd: rootDir,
        env: { ...env, NO_COLOR: "1", ...cliOptions.env },
        timeoutMs: cliOptions.timeoutMs ?? 60_000,
      }),
    async installPlugin(packageFile) {
      // 2026.6.1 stops at every package that starts processes, which is what this one is for.
      const flags =
        version === "2026.6.1" ? ["--dangerously-force-unsafe-install"] : ["--force", "--accept-capabilities"];
      const result = await gateway.cli(["plugins", "install", packageFile, ...flags], { timeoutMs: 300_000 });
      if (result.code !== 0) throw new Error(`plugins install failed:\n${result.stdout}\n${result.stderr}`);
      if (version === "2026.6.1" && child !== undefined) await gateway.restart();
    },
    connect: (connectOptions = {}) =>
      connectGateway({
        url: gateway.url,
        token,
        scopes: ALL_SCOPES,
        device: version === "2026.6.1",
        ...connectOptions,
      }),
    log: () => readFile(logFile, "utf8").catch(() => ""),
    readConfig: async () => JSON.parse(await readFile(configFile, "utf8")) as Record<string, unknown>,
    async writeConfig(change) {
      const config = await gateway.readConfig();
      change(config);
      await writeFile(configFile, JSON.stringify(config, null, 2));
    },
    async close() {
      await end("SIGTERM");
      const left = await stillLeft(rootDir);
      killProcessesIn(rootDir);
      await rm(rootDir, { recursive: true, force: true, maxRetries: 5 });
      if (left.length > 0) throw new Error(`processes left behind: ${left.join("; ")}`);
    },
  };
  return gateway;
}

function isReady(httpUrl: string, isOver: () => boolean): Promise<unknown> {
  return waitFor(
    async () => {
      // Nobody waits for an answer any more.
      if (isOver()) return true;
      const answer = await fetch(`${httpUrl}/readyz`);
      return ((await answer.json()) as { ready?: boolean }).ready === true;
    },
    { timeoutMs: 300_000, everyMs: 100, what: "the gateway to be ready" },
  );
}

function defaultConfig(version: GatewayVersion, port: number, token: string, rootDir: string): Record<string, unknown> {
  const webhooks = { webhookSsrfPolicy: { allowedHostnames: ["127.0.0.1"] } };
  return {
    gateway: { mode: "local", port, bind: "loopback", auth: { mode: "token", token } },
    logging: { file: join(rootDir, "openclaw.log") },
    update: { checkOnStart: false },
    ...(version === "2026.6.1" ? {} : { cron: webhooks }),
  };
}

/** How this machine reaches its package registry; the gateway installs channel plugins from there. */
function npmSettings(): Record<string, string> {
  const names =
    /^(npm_config_(registry|cafile|cache|globalconfig|userconfig)|NODE_EXTRA_CA_CERTS|https?_proxy|no_proxy)$/i;
  const found = Object.entries(process.env).filter(([name, value]) => names.test(name) && value !== undefined);
  return Object.fromEntries(found) as Record<string, string>;
}

/** Helpers of the gateway may need a moment to notice that it is gone. */
async function stillLeft(dir: string): Promise<string[]> {
  try {
    await waitFor(() => processesIn(dir).length === 0, { timeoutMs: 5_000 });
    return [];
  } catch {
    return processesIn(dir).map(({ pid, command }) => `${pid} ${command}`);
  }
}

interface RunOptions {
  cwd: string;
  env: Record<string, string>;
  timeoutMs: number;
}

/** Runs a program to its end and keeps what it prints. */
export function run(program: string, args: string[], options: RunOptions): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: options.cwd, env: options.env, stdio: ["ignore", "pipe", "pipe"] });
    const texts = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text) => {
      texts.stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      texts.stderr += text;
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs);
    child.once("error", reject);
    child.once("close", (code) => {
      clearTimeout(timer);
      resolve({ code, ...texts });
    });
  });
}

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);

function merge(base: Tree, over: Tree): Tree {
  const merged = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const under = merged[key];
    merged[key] = isTree(under) && isTree(value) ? merge(under, value) : value;
  }
  return merged;
}
