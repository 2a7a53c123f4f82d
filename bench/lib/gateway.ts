import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Gateway, startGateway } from "../../test/helpers/gateway.ts";
import { waitFor } from "../../test/helpers/wait-for.ts";
import { type Native, openNative } from "./native.ts";
import { type Ours, openOurs } from "./ours.ts";
import { connectProbe, type Probe, probedPid } from "./probe.ts";
import { cpuMs } from "./rss.ts";

const PLUGIN = "command-cron";

export interface BenchGateway {
  gateway: Gateway;
  ours: Ours;
  native: Native;
  /** Of the gateway's event loop, from inside. */
  probe: Probe;
  /** Of the gateway proper, below its launcher. */
  pid: number;
  /** Changes the plugin's limit of parallel runs, as an operator would. */
  setConcurrency(concurrency: number): Promise<void>;
  /** The plugin's config besides, from the next start on. */
  configure(values: Record<string, unknown>): Promise<void>;
  /** Stops the gateway, lets `work` at its files, starts it again. */
  offline(work: () => void | Promise<void>): Promise<void>;
  close(): Promise<void>;
}

type ConfigTree = Record<string, Record<string, Record<string, unknown>>>;

function setPluginConfig(config: Record<string, unknown>, values: Record<string, unknown>): void {
  const tree = config as ConfigTree;
  tree["plugins"] ??= {};
  tree["plugins"]["entries"] ??= {};
  const entry = (tree["plugins"]["entries"][PLUGIN] ?? {}) as Record<string, unknown>;
  tree["plugins"]["entries"][PLUGIN] = { ...entry, enabled: true, config: values };
}

/** Settings under which both engines run beside each other: the gateway keeps its own command jobs. */
const BESIDE = { cronCommands: "off" };

/** Below this share of a core a gateway has done what it does after its start. */
const SETTLED_PERCENT = 10;
const SETTLE_MAX_MS = 30_000;
const SETTLE_LOOK_MS = 1_000;

/** A gateway goes on working for a while after it says that it is ready; nothing is measured meanwhile. */
async function settled(pid: number): Promise<void> {
  const deadline = performance.now() + SETTLE_MAX_MS;
  for (let quiet = 0; quiet < 2 && performance.now() < deadline; ) {
    const before = cpuMs(pid);
    await sleep(SETTLE_LOOK_MS);
    quiet = (100 * (cpuMs(pid) - before)) / SETTLE_LOOK_MS < SETTLED_PERCENT ? quiet + 1 : 0;
  }
}

/** A real gateway with the packed plugin, installed as a user does it, and its own command jobs left alone. */
export async function startBenchGateway(
  packageFile: string,
  configure: (config: Record<string, unknown>) => void = () => {},
): Promise<BenchGateway> {
  const probeDir = await mkdtemp(join(tmpdir(), "cc-probe-"));
  const gateway = await startGateway({
    env: {
      BENCH_PROBE_DIR: probeDir,
      NODE_OPTIONS: `--import=${join(import.meta.dirname, "loop-probe.mjs")}`,
    },
    async prepare(fresh) {
      await fresh.installPlugin(packageFile);
      await fresh.writeConfig((config) => {
        setPluginConfig(config, { ...BESIDE, concurrency: 8 });
        configure(config);
      });
    },
  });

  async function connectAll(): Promise<Pick<BenchGateway, "ours" | "native" | "probe" | "pid">> {
    const pid = await waitFor(() => probedPid(probeDir).at(-1), { what: "the gateway's probe" });
    await settled(pid);
    return {
      pid,
      probe: await connectProbe(probeDir, pid),
      ours: await openOurs(gateway),
      native: await openNative(gateway),
    };
  }
  async function disconnect(): Promise<void> {
    bench.probe.close();
    await bench.ours.close();
    await bench.native.close();
  }

  const bench: BenchGateway = {
    gateway,
    ...(await connectAll()),
    async setConcurrency(concurrency) {
      if ((await bench.ours.status()).concurrency === concurrency) return;
      await gateway.writeConfig((config) => setPluginConfig(config, { ...BESIDE, concurrency }));
      await waitFor(async () => (await bench.ours.status()).concurrency === concurrency, {
        what: `a limit of ${concurrency}`,
        timeoutMs: 60_000,
      });
    },
    configure: (values) =>
      gateway.writeConfig((config) => setPluginConfig(config, { ...BESIDE, concurrency: 8, ...values })),
    async offline(work) {
      await disconnect();
      await gateway.stop();
      await work();
      await gateway.start();
      Object.assign(bench, await connectAll());
    },
    async close() {
      await disconnect();
      await gateway.close();
      await rm(probeDir, { recursive: true, force: true });
    },
  };
  return bench;
}
