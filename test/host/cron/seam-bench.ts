import { afterEach, beforeEach, describe } from "vitest";
import type { Job } from "../../../schema/wire/job.ts";
import { attachCronSeam, type CronSeam } from "../../../src/host/cron/seam.ts";
import type { CronJob, CronService, Fields } from "../../../src/host/cron/service.ts";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { startTestEngine, type TestEngine } from "../../helpers/engine.ts";
import { createFakeCron, type FakeCron } from "../../helpers/fake-cron.ts";

export const command = (fields: Fields = {}): Fields => ({
  name: "Probe",
  enabled: true,
  schedule: { kind: "cron", expr: "*/15 * * * *", tz: "UTC" },
  sessionTarget: "isolated",
  wakeMode: "now",
  payload: { kind: "command", argv: ["sh", "-lc", "echo hi"] },
  delivery: { mode: "none" },
  ...fields,
});
export const agent = (fields: Fields = {}): Fields => ({
  ...command({ name: "Briefing", payload: { kind: "agentTurn", message: "hello" } }),
  ...fields,
});

export interface SeamBench {
  test: TestEngine;
  fake: FakeCron;
  cron: CronService;
  /** What the gateway hands out; at first `cron`. */
  current: unknown;
  /** The one attached last. */
  seam: CronSeam;
  problems: (string | undefined)[];
  attach(mode?: "route" | "off"): Promise<void>;
  /** Adds a job through the gateway's service. */
  added(input: Fields, options?: Fields): Promise<CronJob>;
  /** The jobs the plugin keeps. */
  ours(): Job[];
}

type Form = "object" | "class";

/** The same tests for both forms of the gateway's service; each test has an engine and a service of its own. */
export function describeCommandJobs(tests: (bench: SeamBench, form: Form) => void): void {
  describe.each([
    { form: "object" as const, name: "a plain object" },
    { form: "class" as const, name: "a class instance" },
  ])("command jobs of openclaw cron, whose service is $name", ({ form }) => {
    const bench = createSeamBench();
    beforeEach(async () => {
      const fake = createFakeCron(form);
      const test = await startTestEngine();
      Object.assign(bench, { test, fake, cron: fake.cron, current: fake.cron, problems: [] });
    });
    afterEach(async () => {
      bench.seam?.detach();
      await bench.test.stop();
    });
    tests(bench, form);
  });
}

/** Its engine and service are put in before each test. */
function createSeamBench(): SeamBench {
  const bench = {
    async attach(mode = "route") {
      bench.seam = attachCronSeam({
        mode,
        getCron: () => bench.current,
        engine: bench.test.engine,
        clock: bench.test.clock,
        logger: silentLogger,
        report: (problem) => bench.problems.push(problem),
      });
      await bench.seam.refresh();
    },
    async added(input, options = {}) {
      const result = await bench.cron.add(input, { enabledExplicit: true, ...options });
      return ("job" in result ? result.job : result) as CronJob;
    },
    ours: () => bench.test.engine.listJobs({ includeDisabled: true, limit: 200, offset: 0 }).jobs,
  } as SeamBench;
  return bench;
}
