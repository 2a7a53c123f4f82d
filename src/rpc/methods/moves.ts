import { MoveParams, MoveResult } from "../../../schema/wire/calls/transfer.ts";
import { CommandCronError, invalid } from "../../kernel/errors.ts";
import type { MovesApi } from "../../transfer/api.ts";
import { createCheck, takeParams } from "../checks/index.ts";
import { type Method, optionalJob } from "./method.ts";

const check = createCheck(MoveParams);

function moveMethod(name: keyof MovesApi, says: string): Method {
  return {
    name: `cron.command.${name}`,
    scope: "operator.admin",
    says,
    params: MoveParams,
    result: MoveResult,
    handle({ moves }, raw, caller) {
      const params = check(takeParams(raw));
      const id = optionalJob(params);
      if ((id === undefined) === (params.all === undefined)) {
        throw invalid("id", "either a job's `id` or `all: true`", id === undefined ? "nothing" : "both");
      }
      if (moves === undefined) throw new CommandCronError("CRON_UNREACHABLE");
      const { apply = false, force = false } = params;
      return moves[name]({ ...(id === undefined ? { all: true } : { id }), apply, force }, caller);
    },
  };
}

export const moveMethods: readonly Method[] = [
  moveMethod("adopt", "`{plan, applied}`: command jobs of the gateway's own cron, moved here."),
  moveMethod("release", "`{plan, applied}`: our jobs, given back to the gateway's own cron."),
];
