import type { StateHistoryResult, StateResult, StateSetResult } from "../../schema/wire/calls/states.ts";

/** What jobs keep between their runs, as an operator sees and changes it. */
export interface StateApi {
  /** The newest version, or the one asked for; `{}` while nothing is kept. Raises JOB_NOT_FOUND, INVALID_PARAMS. */
  getState(idOrName: string, version?: number): StateResult;
  /** The versions that are kept, without what they hold. Raises JOB_NOT_FOUND. */
  stateHistory(idOrName: string): StateHistoryResult;
  /** JSON text; null forgets every version. Raises JOB_NOT_FOUND, INVALID_PARAMS, STATE_BUSY. */
  setState(idOrName: string, content: string | null, caller: { label: string }): Promise<StateSetResult>;
}
