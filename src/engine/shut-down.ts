import { errorText } from "../kernel/errors.ts";
import type { Logger } from "../kernel/logger.ts";

/** Lets go of one thing after the other; one that fails keeps nothing else from being let go. */
export async function inTurn(logger: Logger, steps: readonly (() => unknown)[]): Promise<void> {
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      logger.error(`stopping goes on: ${errorText(error)}`);
    }
  }
}
