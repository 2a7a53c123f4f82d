import { afterEach, beforeEach } from "vitest";
import type { CliIo } from "../../src/cli/io.ts";
import { createDispatcher } from "../../src/rpc/index.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";
import { createElsewhere, type Elsewhere, marked, type Timer } from "./elsewhere.ts";
import { command } from "./terminal.ts";

export const CRONTAB = [
  "MAILTO=ops@example.org",
  "# nightly backup",
  "0 3 * * * backup --full  ",
  "@reboot daemon",
  "*/5 * * * * sync;\ttrue \\% é",
  "@daily sync-twice",
  "@daily sync-twice",
  "CRON_WITHIN=10",
  "7 * * * * late",
].join("\n");
export const timer = (fields: Partial<Timer> = {}): Timer => ({
  enabled: true,
  active: true,
  calendar: "daily",
  command: "/usr/bin/report",
  ...fields,
});

export let test: TestEngine;
export let host: Elsewhere;

/** A real engine, and a host with a crontab and a timer, anew for each test of a file. */
export function useHost(): void {
  beforeEach(async () => {
    test = await startTestEngine();
    host = createElsewhere(`${CRONTAB}\n`, { "report.timer": timer() });
  });
  afterEach(async () => {
    await test.stop();
    host.close();
  });
}

/** The command stops for good before its nth act (a call, a program), as a kill there would stop it. */
class Frozen extends Error {}

export async function run(line: string, killAt?: number) {
  let acts = 0;
  let freeze: () => void = () => {};
  const frozen = new Promise<never>((_, reject) => {
    freeze = () => reject(new Frozen());
  });
  const never = new Promise<never>(() => {});
  const act = async <T>(work: () => Promise<T>): Promise<T> => {
    acts += 1;
    if (acts !== killAt) return work();
    freeze();
    return never;
  };
  const call: CliIo["call"] = (name, params) =>
    act(async () => await createDispatcher(() => test.engine).dispatch(name, params, CALLER));
  const session = command(line.split(" "), {
    call,
    run: (program, args) => act(() => host.run(program, args)),
    readFile: host.readFile,
    target: async () => ({ whose: "local", stateDir: host.stateDir, url: "ws://127.0.0.1:1" }),
  });
  const ended = await Promise.race([session, frozen]).catch((error) => {
    if (error instanceof Frozen) return undefined;
    throw error;
  });
  return { acts, session: ended };
}
export const cli = async (line: string) => {
  const { session } = await run(line);
  if (session === undefined) throw new Error("frozen");
  return session;
};

export const jobs = () => test.engine.listJobs({ includeDisabled: true, limit: 200, offset: 0, sortBy: "name" }).jobs;
const commandOf = (argv: readonly string[]) => (argv[1] === "-c" ? (argv[2] ?? "") : argv.join(" "));
/** What is on here. */
export const here = () =>
  jobs()
    .filter(({ enabled }) => enabled)
    .map(({ payload }) => commandOf(payload.argv).replaceAll("%", "\\%"))
    .sort();
export const MOVES = ["/usr/bin/report", "backup --full  ", "sync-twice", "sync-twice", "sync;\ttrue \\% é"].sort();
export const STAYS = ["daemon", "late"];
export const TAKEN = CRONTAB.split("\n")
  .map((line, index) => ([3, 5, 6, 7].includes(index + 1) ? marked(line) : line))
  .join("\n");
