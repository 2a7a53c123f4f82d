import { CommandCronError } from "../../src/kernel/errors.ts";
import type { NativeCron, NativeDefinition, NativeJob } from "../../src/transfer/moves/native-port.ts";

/** Stands for the process ending: nothing after it happens, whoever catches it. */
export class Killed extends Error {}

type Stored = NativeJob & Record<string, unknown>;

/** The gateway's cron: atomic calls, each of which can fail or be the last before or after it took effect. */
export function createFakeNative() {
  const jobs = new Map<string, Stored>();
  const fake = {
    jobs,
    calls: 0,
    /** Asked before and after every call's effect, counted over all calls. */
    fault: undefined as ((point: string) => void) | undefined,
    dead: false,
    add(id: string, fields: Record<string, unknown> = {}) {
      jobs.set(id, {
        id,
        name: `native ${id}`,
        enabled: true,
        createdAtMs: 1,
        updatedAtMs: 1,
        schedule: { kind: "every", everyMs: 60_000, anchorMs: 0 },
        sessionTarget: "isolated",
        wakeMode: "now",
        payload: { kind: "command", argv: ["true"], env: { A: "1" } },
        delivery: { mode: "announce", channel: "irc", to: "#ops" },
        failureAlert: { after: 3 },
        state: {},
        ...fields,
      } as Stored);
    },
  };
  async function step<T>(name: string, effect: () => T): Promise<T> {
    if (fake.dead) throw new Killed("dead");
    fake.fault?.(`before ${name}`);
    const result = effect();
    fake.fault?.(`after ${name}`);
    return structuredClone(result);
  }
  const port: NativeCron = {
    list: () => step("list", () => [...jobs.values()].filter(({ payload }) => payload.kind === "command")),
    get: (id) => step("get", () => jobs.get(id)),
    disable: (id, description) =>
      step("disable", () => {
        const job = jobs.get(id);
        if (job === undefined) throw new Error(`unknown cron job id: ${id}`);
        if (job.state.runningAtMs !== undefined) throw new CommandCronError("JOB_BUSY");
        jobs.set(id, { ...job, enabled: false, description });
        return job.state;
      }),
    put: (definition: NativeDefinition) =>
      step("put", () => {
        jobs.set(definition.id, { state: {}, ...definition } as unknown as Stored);
      }),
  };
  return { ...fake, fake, port };
}
