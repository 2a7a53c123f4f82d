import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ensureGateway } from "../../scripts/install-gateway.ts";
import { type Gateway, run } from "./gateway.ts";
import { waitFor } from "./wait-for.ts";

/** A real `openclaw node run` with a home of its own, on this machine. */
export interface NodeHost {
  name: string;
  homeDir: string;
  stateDir: string;
  start(): Promise<void>;
  /** SIGKILL: nothing of it gets to run; its runner lives on. */
  kill(): Promise<void>;
  log(): Promise<string>;
}

interface Listed {
  nodes: { nodeId: string; displayName?: string; connected: boolean; pendingRequestId?: string; commands: string[] }[];
}

/** Installs the plugin in a fresh home, starts a node host there, and lets the gateway's operator approve it. */
export async function pairNodeHost(gateway: Gateway, name: string, packageFile: string): Promise<NodeHost> {
  const program = join(await ensureGateway(gateway.version), "node_modules", "openclaw", "openclaw.mjs");
  const rootDir = join(gateway.rootDir, `node-${name}`);
  const [stateDir, homeDir] = [join(rootDir, "state"), join(rootDir, "home")];
  for (const dir of [stateDir, homeDir, join(rootDir, "tmp")]) await mkdir(dir, { recursive: true });
  await writeFile(join(stateDir, "openclaw.json"), JSON.stringify({ update: { checkOnStart: false } }));
  const env: Record<string, string> = {
    PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
    HOME: homeDir,
    TMPDIR: join(rootDir, "tmp"),
    LANG: "C.UTF-8",
    NODE_COMPILE_CACHE: join(import.meta.dirname, "../../.cache", `gateway-${gateway.version}`),
    OPENCLAW_PACKAGED_COMPILE_CACHE_RESPAWNED: "1",
    OPENCLAW_STATE_DIR: stateDir,
    OPENCLAW_CONFIG_PATH: join(stateDir, "openclaw.json"),
    OPENCLAW_NO_AUTO_UPDATE: "1",
  };
  const installed = await run(
    process.execPath,
    [program, "plugins", "install", packageFile, "--force", "--accept-capabilities"],
    { cwd: rootDir, env, timeoutMs: 240_000 },
  );
  if (installed.code !== 0) throw new Error(`installing on ${name} failed:\n${installed.stdout}${installed.stderr}`);
  const operator = await gateway.connect({
    scopes: ["operator.read", "operator.write", "operator.admin", "operator.pairing" as "operator.admin"],
    device: true,
  });
  const found = async () =>
    (await operator.call<Listed>("node.list")).nodes.find(({ displayName }) => displayName === name);
  let child: ChildProcess | undefined;
  let paired = false;

  async function isThere(): Promise<boolean> {
    const node = await found();
    if (node?.pendingRequestId !== undefined) {
      await operator.call("node.pair.approve", { requestId: node.pendingRequestId }).catch(() => undefined);
    }
    return node?.connected === true && node.commands.includes("command-cron.runner");
  }

  const host: NodeHost = {
    name,
    homeDir,
    stateDir,
    async start() {
      const args = [program, "node", "run", "--host", "127.0.0.1", "--port", String(gateway.port)];
      const out = createWriteStream(join(rootDir, "node.log"), { flags: "a" });
      await new Promise((resolve) => out.once("open", resolve));
      child = spawn(process.execPath, [...args, "--display-name", name, "--commands", "command-cron.runner"], {
        cwd: rootDir,
        // The gateway's token is for the first time only.
        env: paired ? env : { ...env, OPENCLAW_GATEWAY_TOKEN: gateway.token },
        stdio: ["ignore", out, out],
        // The program starts itself again in a child of its own: they are ended together.
        detached: true,
      });
      out.close();
      await waitFor(isThere, { timeoutMs: 180_000, everyMs: 500, what: `node ${name} to be paired and serve` });
      paired = true;
    },
    async kill() {
      const running = child;
      child = undefined;
      if (running === undefined) return;
      const ended = new Promise((resolve) => running.once("exit", resolve));
      if (running.pid !== undefined) process.kill(-running.pid, "SIGKILL");
      await ended;
    },
    log: () => readFile(join(rootDir, "node.log"), "utf8").catch(() => ""),
  };
  await host.start();
  return host;
}
