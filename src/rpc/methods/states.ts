import {
  StateGetParams,
  StateHistoryParams,
  StateHistoryResult,
  StateResult,
  StateSetParams,
  StateSetResult,
} from "../../../schema/wire/calls/states.ts";
import { type Method, method, requiredJob } from "./method.ts";

export const stateMethods: readonly Method[] = [
  method({
    name: "state.get",
    // What a command keeps it may never have printed: tokens, addresses.
    scope: "operator.admin",
    says: "What a job keeps between its runs, as JSON text in `content`; `{}` and no `version` while it keeps nothing.",
    params: StateGetParams,
    result: StateResult,
    run: (engine, params) => engine.getState(requiredJob(params), params.version),
  }),
  method({
    name: "state.set",
    scope: "operator.admin",
    says: "`{jobId, version}` of what is kept now; with `content: null` all versions are forgotten. Refused while a run goes on.",
    params: StateSetParams,
    result: StateSetResult,
    run: (engine, params, caller) => engine.setState(requiredJob(params), params.content, caller),
  }),
  method({
    name: "state.history",
    scope: "operator.read",
    says: "`{jobId, versions}`, newest first, without what they hold.",
    params: StateHistoryParams,
    result: StateHistoryResult,
    run: (engine, params) => engine.stateHistory(requiredJob(params)),
  }),
];
