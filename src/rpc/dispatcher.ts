import type { Caller } from "../engine/api.ts";
import { CommandCronError } from "../kernel/errors.ts";
import type { MovesApi } from "../transfer/api.ts";
import { METHODS, type Method, type ServiceApi } from "./methods/index.ts";

export interface Dispatcher {
  readonly methods: readonly Pick<Method, "name" | "scope">[];
  /** Validates, then asks the engine. Whatever goes wrong is a CommandCronError. */
  dispatch(name: string, params: unknown, caller: Caller): Promise<unknown>;
}

/**
 * `getEngine` answers undefined while the service is stopped: every call is then refused with SERVICE_STOPPED.
 * `getMoves` answers undefined where the gateway's own cron cannot be reached.
 */
export function createDispatcher(
  getEngine: () => ServiceApi | undefined,
  getMoves: () => MovesApi | undefined = () => undefined,
): Dispatcher {
  const byName = new Map(METHODS.map((method) => [method.name, method]));
  return {
    methods: METHODS,
    async dispatch(name, params, caller) {
      const method = byName.get(name);
      if (method === undefined) throw new CommandCronError("INVALID_PARAMS", { field: "method", got: name });
      const engine = getEngine();
      if (engine === undefined) throw new CommandCronError("SERVICE_STOPPED");
      try {
        const moves = getMoves();
        return await method.handle({ engine, ...(moves === undefined ? {} : { moves }) }, params, caller);
      } catch (error) {
        if (error instanceof CommandCronError) throw error;
        throw new CommandCronError("INTERNAL", { details: { method: name }, cause: error });
      }
    },
  };
}

/** An error as the gateway's `respond` takes it. `details.code` is ours and stable; `code` is one the gateway knows. */
interface GatewayError {
  code: "INVALID_REQUEST" | "FORBIDDEN" | "UNAVAILABLE";
  message: string;
  retryable: boolean;
  details: Record<string, unknown>;
}

export function toGatewayError(thrown: unknown): GatewayError {
  const error = thrown instanceof CommandCronError ? thrown : new CommandCronError("INTERNAL", { cause: thrown });
  const unavailable = error.retryable || error.code === "INTERNAL" || error.code === "LEDGER_CORRUPT";
  return {
    code: error.code === "AGENT_REFUSED" ? "FORBIDDEN" : unavailable ? "UNAVAILABLE" : "INVALID_REQUEST",
    message: error.message,
    retryable: error.retryable,
    details: { code: error.code, ...error.details },
  };
}
