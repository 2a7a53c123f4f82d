import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Gateway, startGateway } from "../../test/helpers/gateway.ts";
import { packEmptyPlugin } from "../lib/empty-plugin.ts";
import { bar, figure, ungrouped } from "../lib/figure.ts";
import { fillJobs } from "../lib/fill.ts";
import { privateBytes, residentBytes } from "../lib/rss.ts";

const MB = 1_000_000;
const JOBS = 100_000;
/** How often the gateway is asked whether it is up. */
const LOOK_MS = 20;

export const install = figure({
  name: "install",
  title: "Installing and starting",
  rows: {
    "start-without": { label: "gateway start without the plugin, process until ready", unit: "s" },
    "start-empty": { label: "gateway start with a plugin that does nothing", unit: "s" },
    "start-plugin": { label: "gateway start with the plugin", unit: "s" },
    "start-100k": { label: "gateway start with the plugin and 100,000 jobs", unit: "s" },
    "engine-start": { label: "the engine's own share of the start, runner included", unit: "ms" },
    "engine-start-100k": { label: "the engine's own share with 100,000 jobs", unit: "ms" },
    "plugin-rss": { label: "memory the plugin adds to a process", unit: "MB" },
    "runner-rss": { label: "memory of the runner, idle", unit: "MB" },
    "helper-rss": { label: "memory of the process that starts commands for it", unit: "MB" },
    "runner-private": { label: "of the runner's and that one's memory, shared with no other process", unit: "MB" },
    "node-private": { label: "the same of a bare Node process that holds one socket", unit: "MB" },
    "node-rss": { label: "a bare Node process that holds one socket", unit: "MB" },
    packed: { label: "package, packed", unit: "kB" },
    unpacked: { label: "package, unpacked", unit: "kB" },
    dependencies: { label: "packages it brings along at run time", unit: "count" },
  },
  plots: [
    {
      file: "install",
      title: "Gateway start until ready, seconds",
      scale: "linear",
      groups: ungrouped(
        bar.control("without the plugin", "install.start-without"),
        bar.control("with an empty plugin", "install.start-empty"),
        bar.ours("with the plugin", "install.start-plugin"),
        bar.ours("with 100,000 jobs", "install.start-100k"),
      ),
    },
  ],
  async measure(bench, record) {
    const { dir, packageFile, packageBytes, unpackedBytes, dependencies } = await bench.packed();
    record("packed", packageBytes / 1_000);
    record("unpacked", unpackedBytes / 1_000);
    record("dependencies", dependencies);
    await bench.retireGateway();

    const host = await bench.host({ memory: true });
    for (let round = 0; round < 3; round += 1) {
      const { pid } = (await host.ask("status", {})).runner;
      record("engine-start", host.ready.startMs);
      record("plugin-rss", (host.ready.startedRss - host.ready.emptyRss) / MB);
      if (pid !== undefined) {
        record("runner-rss", residentBytes(pid) / MB);
        const helpers = childrenOf(pid);
        record("helper-rss", helpers.reduce((sum, helper) => sum + residentBytes(helper), 0) / MB);
        record("runner-private", [pid, ...helpers].reduce((sum, one) => sum + privateBytes(one), 0) / MB);
      }
      const bare = await bareNodeBytes(host.stateDir);
      record("node-rss", bare.resident / MB);
      record("node-private", bare.own / MB);
      await host.stop();
      await sleep(200);
      await host.start();
    }
    await host.close();

    const full = await bench.host();
    await full.stop();
    fillJobs(join(full.stateDir, "ledger"), JOBS);
    for (let round = 0; round < 3; round += 1) {
      await full.start();
      record("engine-start-100k", full.ready.startMs);
      await full.stop();
    }

    bench.say("preparing four gateways");
    const emptyFile = await packEmptyPlugin(dir);
    const prepared = async (file?: string): Promise<Gateway> => bench.own(await newGateway(file));
    const [without, empty] = await Promise.all([prepared(), prepared(emptyFile)]);
    const [plugin, loaded] = await Promise.all([prepared(packageFile), prepared(packageFile)]);
    await cp(join(full.stateDir, "ledger"), join(loaded.stateDir, "command-cron", "ledger"), { recursive: true });
    await full.close();
    for (let round = 0; round < (bench.quick ? 1 : 2); round += 1) {
      record("start-without", await startSeconds(without));
      record("start-empty", await startSeconds(empty));
      record("start-plugin", await startSeconds(plugin));
      record("start-100k", await startSeconds(loaded));
    }
  },
});

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);

/** As small as Node gets with the runner's own flags, and one socket that it listens on. */
async function bareNodeBytes(dir: string): Promise<{ resident: number; own: number }> {
  const script = `require("node:net").createServer().listen(${JSON.stringify(join(dir, `${randomUUID()}.sock`))}, () => console.log("up"))`;
  const child = spawn(process.execPath, ["--max-semi-space-size=1", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await Promise.race([
    once(child.stdout, "data"),
    once(child, "exit").then(() => Promise.reject(new Error("a bare Node process did not come up"))),
  ]);
  await sleep(500);
  const pid = child.pid ?? 0;
  const bytes = { resident: residentBytes(pid), own: privateBytes(pid) };
  child.kill();
  await once(child, "exit");
  return bytes;
}

/** A gateway that has been up once, so that what it does only the first time is done, and is down now. */
async function newGateway(packageFile?: string): Promise<Gateway> {
  const gateway = await startGateway(
    packageFile === undefined ? {} : { prepare: (fresh) => fresh.installPlugin(packageFile) },
  );
  await gateway.stop();
  return gateway;
}

async function startSeconds(gateway: Gateway): Promise<number> {
  const begin = performance.now();
  const [seconds] = await Promise.all([readyAfter(gateway.httpUrl, begin), gateway.start()]);
  await gateway.stop();
  return seconds;
}

async function readyAfter(url: string, begin: number): Promise<number> {
  for (;;) {
    try {
      const answer = (await (await fetch(`${url}/readyz`)).json()) as { ready?: boolean };
      if (answer.ready === true) return (performance.now() - begin) / 1_000;
    } catch {
      // It does not listen yet.
    }
    await sleep(LOOK_MS);
  }
}
