import type { JobInput } from "../../../schema/wire/job.ts";
import type { AfterSchedule } from "../../../schema/wire/schedule.ts";
import { settle } from "../../helpers/clock.ts";
import { CALLER, type TestEngine } from "../../helpers/engine.ts";

/** An instant that never comes in a test: such a job runs only by hand. */
export const BY_HAND = { kind: "every", everyMs: 86_400_000 } as const;

/** For tests about jobs that follow others. */
export function links(engine: () => TestEngine) {
  const chain = {
    first: (name = "A", job: Partial<JobInput> = {}) => engine().add({ name, schedule: BY_HAND, ...job }),
    follow: (name: string, parent: string, after: Partial<AfterSchedule> = {}, job: Partial<JobInput> = {}) =>
      engine().add({ name, schedule: { kind: "after", job: parent, ...after }, ...job }),
    /** Runs a job by hand and ends its attempt. */
    async ran(jobId: string, end: Parameters<TestEngine["runner"]["end"]>[1] = {}, alone = false): Promise<string> {
      const { runId } = await engine().engine.runJob(jobId, CALLER, { alone });
      await settle(10);
      await chain.end(jobId, end);
      return runId ?? "";
    },
    /** Ends the running attempt of a job. */
    async end(jobId: string, end: Parameters<TestEngine["runner"]["end"]>[1] = {}): Promise<void> {
      const running = engine()
        .engine.inside.ledger.runs.active(jobId)
        .find(({ status }) => status === "running");
      if (running === undefined) throw new Error(`no run of ${jobId} is running`);
      engine().runner.end(`${running.id}.${running.attempt}`, end);
      await settle(20);
    },
    /** Names of the jobs that are running. */
    running: () =>
      [...engine().runner.running.keys()]
        .map((key) => engine().engine.getRun(key.slice(0, key.lastIndexOf("."))).jobName)
        .sort(),
    runsOf: (jobId: string) => engine().engine.runs({ jobId, limit: 50, offset: 0 }).entries,
  };
  return chain;
}
