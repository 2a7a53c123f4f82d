import { StatsParams, StatsResult } from "../../../schema/wire/calls/runs.ts";
import { invalid } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import { filterOf, type Method, method, optionalJob, pageOf } from "./method.ts";

export const statsMethods: readonly Method[] = [
  method({
    name: "stats",
    scope: "operator.read",
    says: "`{sinceMs, untilMs, all, jobs}`: how runs went, for all jobs together and for each; with `id` for that one.",
    params: StatsParams,
    result: StatsResult,
    run(engine, params) {
      const id = optionalJob(params);
      const { sinceMs, untilMs } = params;
      const filter = filterOf(params);
      const [word] = Object.keys(filter);
      if (id !== undefined && word !== undefined) {
        throw invalid(word, "either a job or a filter", "both");
      }
      return engine.stats({ ...pageOf(params), ...filter, ...present({ id, sinceMs, untilMs }) });
    },
  }),
];
