import { afterAll, beforeAll, expect } from "vitest";
import type { Job } from "../../schema/wire/job.ts";
import type { GatewayVersion } from "../../scripts/install-gateway.ts";
import { type Gateway, startGateway } from "../helpers/gateway.ts";
import { GatewayCallError, type GatewayClient } from "../helpers/gateway-client.ts";
import { type PluginGateway, startPluginGateway } from "../helpers/plugin-gateway.ts";
import { alike, type Fields, routed } from "../helpers/routing.ts";

type Side = "plugin" | "bare";
type Sides<T> = Record<Side, T>;

/** Two gateways of one version for the tests of a file, one with the plugin and one without, that are asked the same. */
export function usePair(version: GatewayVersion) {
  let world: PluginGateway;
  let bare: Gateway;
  let clients: Sides<GatewayClient>;

  beforeAll(async () => {
    world = await startPluginGateway({ version });
    bare = await startGateway({ version });
    clients = { plugin: world.client(), bare: await bare.connect() };
    await routed(world.client);
  });
  afterAll(async () => {
    await world?.close();
    await bare?.close();
  });

  /** What a command prints: JSON as the value it is, a table without its widths and times. */
  const textOf = (stdout: string, gateway: Gateway): unknown => {
    try {
      return alike(JSON.parse(stdout), gateway.rootDir);
    } catch {
      return alike(stdout.replace(/ +/g, " ").replace(/(anchor|next|last): .*/g, "$1"), gateway.rootDir);
    }
  };

  return {
    get world(): PluginGateway {
      return world;
    },
    get bare(): Gateway {
      return bare;
    },
    /** Asks the gateway with the plugin. */
    ask: <T = Fields>(method: string, params?: unknown): Promise<T> => clients.plugin.call<T>(method, params),
    both: async <T>(work: (client: GatewayClient, side: Side) => Promise<T>): Promise<Sides<T>> => ({
      plugin: await work(clients.plugin, "plugin"),
      bare: await work(clients.bare, "bare"),
    }),
    same({ plugin, bare: other }: Sides<unknown>): void {
      expect(alike(plugin, world.gateway.rootDir)).toEqual(alike(other, bare.rootDir));
    },
    /** Runs a command line on both sides, where it must end the same; answers what it printed. */
    async cli(args: (side: Side, gateway: Gateway) => string[]): Promise<Sides<string>> {
      const [plugin, other] = await Promise.all([
        world.gateway.cli(args("plugin", world.gateway)),
        bare.cli(args("bare", bare)),
      ]);
      expect([plugin.code, plugin.stderr]).toEqual([other.code, other.stderr]);
      return { plugin: plugin.stdout, bare: other.stdout };
    },
    sameText(printed: Sides<string>): void {
      expect(textOf(printed.plugin, world.gateway)).toEqual(textOf(printed.bare, bare));
    },
    /** The jobs the plugin keeps. */
    async ours(): Promise<Job[]> {
      return (await world.client().call<{ jobs: Job[] }>("cron.command.list", { includeDisabled: true })).jobs;
    },
  };
}

/** What the gateway says when it refuses the call. */
export async function refusal(client: GatewayClient, method: string, params: unknown) {
  const error = await client.call(method, params).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(GatewayCallError);
  const { code, message, details } = error as GatewayCallError;
  return { code, message, details };
}
