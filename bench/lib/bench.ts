import { type BenchGateway, startBenchGateway } from "./gateway.ts";
import { type Host, type HostOptions, startHost } from "./host.ts";
import { type Packed, packEverything } from "./packed.ts";

/** What figures measure with. Things are made when first asked for and shared by the figures that follow. */
export interface Bench {
  /** Fewer rounds and shorter minutes: to try a figure out, not to quote it. */
  quick: boolean;
  /** How long a figure is taken that lasts as long as one likes. */
  minutes: number;
  say(line: string): void;
  packed(): Promise<Packed>;
  /** The shared gateway, with nothing in it but what a figure adds and removes. */
  gateway(): Promise<BenchGateway>;
  /** Ends the shared gateway, whatever is in it; the next figure gets a new one. */
  retireGateway(): Promise<void>;
  /** The engine in a process of its own, beside which other things can be measured in the very same process. */
  host(options?: HostOptions): Promise<Host>;
  /** Closes this at the end, whatever happens until then. */
  own<T extends Closable>(thing: T): T;
  close(): Promise<void>;
}

interface Closable {
  close(): Promise<void>;
}

export function createBench(options: { quick: boolean; minutes: number; say(line: string): void }): Bench {
  let packed: Promise<Packed> | undefined;
  let gateway: Promise<BenchGateway> | undefined;
  const owned = new Set<Closable>();

  const bench: Bench = {
    ...options,
    packed() {
      packed ??= packEverything();
      return packed;
    },
    gateway() {
      gateway ??= bench.packed().then(({ packageFile }) => {
        options.say("starting a gateway with the plugin");
        return startBenchGateway(packageFile);
      });
      return gateway;
    },
    async retireGateway() {
      const old = gateway;
      gateway = undefined;
      await (await old)?.close();
    },
    async host(hostOptions = {}) {
      return bench.own(await startHost(await bench.packed(), hostOptions));
    },
    own(thing) {
      owned.add(thing);
      return thing;
    },
    async close() {
      await Promise.all([...owned].map((thing) => thing.close()));
      await bench.retireGateway();
      await (await packed)?.remove();
    },
  };
  return bench;
}
