import { NO_STATE } from "../../schema/wire/steps.ts";
import { checkState } from "../executor/index.ts";
import type { Clock } from "../kernel/clock.ts";
import { CommandCronError, invalid } from "../kernel/errors.ts";
import type { Logger } from "../kernel/logger.ts";
import type { Ledger } from "../ledger/types.ts";
import type { StateApi } from "./api.ts";
import { requireJob } from "./lookup.ts";

/** What an operator may see of and do to what jobs keep between their runs. */
export function createStates({ ledger, clock, logger }: { ledger: Ledger; clock: Clock; logger: Logger }): StateApi {
  /** Its end would put its own state over what was set meanwhile. */
  function refuseBusy(jobId: string): void {
    const run = ledger.runs.active(jobId).find(({ status }) => status === "running");
    if (run !== undefined)
      throw new CommandCronError("STATE_BUSY", { got: `run ${run.id}`, details: { runId: run.id } });
  }

  function valid(content: string): string {
    const state = checkState(Buffer.from(content));
    if ("content" in state) return state.content;
    throw invalid("content", "JSON", state.problem);
  }

  return {
    getState(idOrName, version) {
      const { id: jobId } = requireJob(ledger, idOrName);
      const kept = ledger.states.get(jobId, version);
      if (kept === undefined && version !== undefined) {
        const versions = ledger.states.history(jobId).map((one) => one.version);
        const expected = versions.length === 0 ? "none: nothing is kept" : `one of ${versions.join(", ")}`;
        throw invalid("version", expected, String(version));
      }
      if (kept === undefined) return { jobId, content: NO_STATE, bytes: NO_STATE.length };
      const { ofMs: _, ...shown } = kept;
      return { ...shown, bytes: Buffer.byteLength(kept.content) };
    },

    stateHistory(idOrName) {
      const { id: jobId } = requireJob(ledger, idOrName);
      return { jobId, versions: ledger.states.history(jobId).map(({ jobId: _j, ofMs: _o, ...version }) => version) };
    },

    async setState(idOrName, content, caller) {
      const { id: jobId, definition } = requireJob(ledger, idOrName);
      if (content !== null && definition.policy?.state === undefined) {
        throw invalid("id", "a job with `policy.state`", jobId);
      }
      const text = content === null ? undefined : valid(content);
      const version = ledger.transaction(() => {
        refuseBusy(jobId);
        const nowMs = clock.nowMs();
        ledger.notices.close("STATE_REFUSED", jobId, nowMs);
        if (text !== undefined)
          return ledger.states.put({ jobId, content: text, atMs: nowMs, ofMs: nowMs, setBy: caller.label });
        ledger.states.clear(jobId);
        return undefined;
      });
      await ledger.confirmed();
      logger.info(`state of job ${jobId} ${version === undefined ? "forgotten" : "set"} by ${caller.label}`);
      return { jobId, ...(version === undefined ? {} : { version }) };
    },
  };
}
