import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import type { CommandSpec } from "../../src/executor/types.ts";
import { type RunnerInfo, readInfo } from "../../src/runner/info.ts";
import { instancesDir } from "../../src/runner/paths.ts";
import { specOf } from "../helpers/commands.ts";
import { type HeardClient, openClient, type PlayedGateway, playGateway, stateDirectory } from "../helpers/runner.ts";
import { bundleRunner } from "../helpers/runner-program.ts";

/** The runner's program for the tests of a file, and for each of them a state directory and clients of its own. */
export function useRunner() {
  let program: Awaited<ReturnType<typeof bundleRunner>>;
  let state: ReturnType<typeof stateDirectory>;
  const clients: HeardClient[] = [];

  beforeAll(async () => {
    program = await bundleRunner();
  });
  afterAll(() => program.remove());
  beforeEach(() => {
    state = stateDirectory();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.port.close();
    state.remove();
  });

  const bench = {
    /** The runner's program, one file. */
    get programFile(): string {
      return program.file;
    },
    get stateDir(): string {
      return state.path;
    },
    /** A client, closed after the test. */
    async open(options: Partial<Parameters<typeof openClient>[0]> = {}, acknowledge = true): Promise<HeardClient> {
      const client = await openClient({ stateDir: state.path, runnerFile: program.file, ...options }, acknowledge);
      clients.push(client);
      return client;
    },
    /** A gateway in a process of its own, which can be killed. */
    play: (specs: CommandSpec[] = [], idleMs?: number): PlayedGateway =>
      playGateway(state.path, program.file, specs, idleMs),
    spec: (command: string | string[], more: Partial<CommandSpec> = {}): CommandSpec =>
      specOf(state.path, command, more),
    instances: (): RunnerInfo[] =>
      existsSync(instancesDir(state.path))
        ? readdirSync(instancesDir(state.path)).flatMap((name) => readInfo(state.path, name) ?? [])
        : [],
    /** A runner whose gateway was killed: it waits for the next one. */
    async orphanedRunner(): Promise<RunnerInfo> {
      const gateway = bench.play();
      await gateway.hears("open");
      await killed(gateway);
      const [info] = bench.instances();
      if (info === undefined) throw new Error("no runner");
      return info;
    },
  };
  return bench;
}

/** Ends a played gateway as a crash does. */
export async function killed(gateway: PlayedGateway): Promise<void> {
  gateway.process.kill("SIGKILL");
  await once(gateway.process, "exit");
}

export const runnerPid = (client: HeardClient): number => client.port.status().pid ?? 0;

export const lines = (count: number): string =>
  Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join("");
/** Every tenth of a second one. */
export const slowly = (count: number): string =>
  `i=0; while [ $i -lt ${count} ]; do i=$((i+1)); echo line $i; sleep 0.1; done`;
