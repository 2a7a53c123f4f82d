import { createDeeds, type Deeds } from "../../../src/host/chat/deeds.ts";
import { createDispatcher, toGatewayError } from "../../../src/rpc/index.ts";
import type { TestEngine } from "../../helpers/engine.ts";

/** What somebody does from a chat, against a real engine. */
export function deedsOn(test: TestEngine, by: string): Deeds {
  const dispatcher = createDispatcher(() => test.engine);
  return createDeeds(async (method, params) => {
    try {
      return { ok: true, payload: await dispatcher.dispatch(method, params, { label: by }) };
    } catch (error) {
      return { ok: false, error: toGatewayError(error) };
    }
  }, test.clock.nowMs);
}
