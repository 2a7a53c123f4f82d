import { settle } from "../helpers/clock.ts";
import { CALLER, type TestEngine } from "../helpers/engine.ts";

/** For tests that start one run by hand and say how it ends. */
export function oneRun(engine: () => TestEngine) {
  const one = {
    /** The newest run. */
    only() {
      const [entry] = engine().engine.runs({ limit: 1, offset: 0 }).entries;
      if (entry === undefined) throw new Error("no run");
      return entry;
    },
    /** The attempt that has been running longest. */
    key: () => [...engine().runner.running.keys()][0] ?? "",
    async runOnce(jobId: string): Promise<void> {
      await engine().engine.runJob(jobId, CALLER, {});
      await settle(10);
    },
    /** Runs the job once, and its command ends like this. */
    async ends(jobId: string, how: Parameters<TestEngine["runner"]["end"]>[1] = {}): Promise<void> {
      await one.runOnce(jobId);
      engine().runner.end(one.key(), how);
      await settle(20);
    },
  };
  return one;
}

export const webhook = { mode: "webhook" as const, to: "http://127.0.0.1:59/hook" };
