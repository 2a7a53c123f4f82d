import type { Config } from "../../../schema/wire/config.ts";
import type { Clock } from "../../kernel/clock.ts";
import { SECOND_MS } from "../../kernel/durations.ts";
import { errorText } from "../../kernel/errors.ts";
import type { Sender } from "../../outbox/port.ts";
import type { Problem } from "../api.ts";
import type { Notices } from "./notices.ts";

const DEFAULT_EVERY_SECONDS = 60;
const ANSWER_MS = 15 * SECOND_MS;
/** One lost request is no news. */
const FAILED_BEFORE_TOLD = 3;
const CODE = "HEARTBEAT_FAILED";

/**
 * Asks for an address while the service is well, so that whoever keeps that address notices when it is not: with anything
 * wrong that keeps runs or messages from their way nothing is sent.
 */
export function createHeartbeat(deps: {
  clock: Clock;
  sender: Pick<Sender, "ping">;
  config: NonNullable<Config["alerts"]>["heartbeat"];
  problems(): readonly Problem[];
  notices: Pick<Notices, "raise" | "close">;
}): { start(): void; stop(): void } {
  const { clock, config, sender } = deps;
  const everyMs = (config?.everySeconds ?? DEFAULT_EVERY_SECONDS) * SECOND_MS;
  const stopped = new AbortController();
  let cancel: (() => void) | undefined;
  let failed = 0;

  async function beat(url: string): Promise<void> {
    if (deps.problems().length > 0) return;
    const error = await ask(url);
    if (stopped.signal.aborted) return;
    failed = error === undefined ? 0 : failed + 1;
    if (failed === FAILED_BEFORE_TOLD) deps.notices.raise(CODE, "heartbeat", `the heartbeat is not taken: ${error}`);
    if (failed === 0) deps.notices.close(CODE, "heartbeat");
  }

  async function ask(url: string): Promise<string | undefined> {
    const waiting = new AbortController();
    const cancelWait = clock.setTimer(() => waiting.abort(), ANSWER_MS);
    try {
      return await sender.ping?.(url, AbortSignal.any([waiting.signal, stopped.signal]));
    } catch (error) {
      return errorText(error);
    } finally {
      cancelWait();
    }
  }

  function arm(url: string, delayMs: number): void {
    if (stopped.signal.aborted) return;
    cancel = clock.setTimer(() => {
      void beat(url)
        .catch(() => {})
        .then(() => arm(url, everyMs));
    }, delayMs);
  }

  return {
    start() {
      if (config !== undefined) arm(config.url, SECOND_MS);
    },
    stop() {
      stopped.abort();
      cancel?.();
    },
  };
}
