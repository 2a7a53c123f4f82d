import type { Clock } from "../../kernel/clock.ts";
import { errorText } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { Ledger, RunRecord } from "../../ledger/types.ts";
import type { EngineApi } from "../api.ts";

const LOOK_AGAIN_MS = 50;

/**
 * What a clean stop does to running commands: those that shall not outlive the gateway (`policy.onGatewayExit: "stop"`)
 * get `drainMs` to finish and are ended then; the others go on in the runner and nobody waits for them.
 */
export async function drain(options: {
  ledger: Ledger;
  clock: Clock;
  drainMs: number;
  logger: Logger;
  cancel: EngineApi["cancel"];
}): Promise<void> {
  const { ledger, clock } = options;
  const mustStop = (): RunRecord[] =>
    ledger.runs.running().filter((run) => ledger.jobs.get(run.jobId)?.definition.policy?.onGatewayExit === "stop");
  const untilMs = clock.monotonicMs() + options.drainMs;
  while (mustStop().length > 0 && clock.monotonicMs() < untilMs) {
    await new Promise<void>((resolve) => {
      clock.setTimer(resolve, LOOK_AGAIN_MS);
    });
  }
  await Promise.all(
    mustStop().map((run) =>
      options
        .cancel({ runId: run.id }, { label: "the gateway's stop" })
        .catch((error) => options.logger.warn(`run ${run.id} could not be ended: ${errorText(error)}`)),
    ),
  );
}
