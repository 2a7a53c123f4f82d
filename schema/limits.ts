/** What the runner shares with the wire: it loads no schemas. */

/** A state is never larger, in UTF-8. */
export const STATE_MAX_BYTES = 262_144;

export const PROGRESS_LEVELS = ["ok", "warn", "alert"] as const;
