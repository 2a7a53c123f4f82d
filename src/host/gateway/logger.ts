import type { Logger } from "../../kernel/logger.ts";

/** The gateway's logger behind our port. The gateway adds plugin name and time. */
export const adaptLogger = (logger: Logger): Logger => ({
  debug: (message) => logger.debug?.(message),
  info: (message) => logger.info(message),
  warn: (message) => logger.warn(message),
  error: (message) => logger.error(message),
});
