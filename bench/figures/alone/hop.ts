import { pairNodeHost } from "../../../test/helpers/node-host.ts";
import { killProcessesIn } from "../../../test/helpers/processes.ts";
import { waitFor } from "../../../test/helpers/wait-for.ts";
import { figure } from "../../lib/figure.ts";
import { startBenchGateway } from "../../lib/gateway.ts";
import { quantile } from "../../lib/stats.ts";

const NODE = "bench";
/** First runs on both sides, before anything counts. */
const WARM = 5;

interface Listed {
  nodes: { name: string; connected: boolean; serves: boolean }[];
}

export const hop = figure({
  name: "hop",
  title: "A run on a node, through a real gateway",
  page: "sizing.md",
  onlyNamed: true,
  rows: {
    "here-p50": { label: "a run of `true` on the gateway's host, asked for until its final row, p50", unit: "ms" },
    "node-p50": { label: "the same through the gateway on a node of this machine, p50", unit: "ms" },
    "here-p95": { label: "on the gateway's host, p95", unit: "ms" },
    "node-p95": { label: "on the node, p95", unit: "ms" },
  },
  plots: [],
  async measure(bench, record) {
    const { packageFile } = await bench.packed();
    bench.say("starting a gateway and a node host, each with the plugin");
    const gateway = bench.own(
      await startBenchGateway(packageFile, (config) => {
        const part = (config["gateway"] ?? {}) as Record<string, unknown>;
        config["gateway"] = { ...part, nodes: { commands: { allow: ["command-cron.runner"] } } };
      }),
    );
    const node = await pairNodeHost(gateway.gateway, NODE, packageFile);
    bench.own({
      async close() {
        await node.kill();
        killProcessesIn(node.stateDir);
      },
    });
    const { ours } = gateway;
    await waitFor(
      async () =>
        (await ours.client.call<Listed>("cron.command.nodes")).nodes.some(
          ({ name, connected, serves }) => name === NODE && connected && serves,
        ),
      { what: "the node to serve", timeoutMs: 60_000 },
    );
    const ids = {
      here: await ours.add({ name: "here", argv: ["true"] }),
      node: await ours.add({ name: "there", argv: ["true"], target: { node: NODE } }),
    };
    const times: Record<keyof typeof ids, number[]> = { here: [], node: [] };
    for (let round = 0; round < WARM + (bench.quick ? 10 : 60); round += 1) {
      for (const where of ["here", "node"] as const) {
        const ms = await ours.timedRun(ids[where]);
        if (round >= WARM) times[where].push(ms);
      }
    }
    for (const where of ["here", "node"] as const) {
      record(`${where}-p50`, quantile(times[where], 0.5));
      record(`${where}-p95`, quantile(times[where], 0.95));
    }
  },
});
