export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

const UNIT_MS: Record<string, number> = { ms: 1, s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS };

/**
 * Reads a duration such as `500ms`, `30s`, `20m`, `1h30m`, `2d`. A bare number is refused: the unit must be visible.
 * Answers milliseconds, or undefined when the text is not a duration.
 */
export function parseDurationMs(text: string): number | undefined {
  const compact = text.trim().toLowerCase();
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d|w))+$/.test(compact)) return undefined;
  let total = 0;
  for (const match of compact.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)) {
    total += Number(match[1]) * (UNIT_MS[match[2] ?? ""] ?? Number.NaN);
  }
  return Number.isFinite(total) ? Math.round(total) : undefined;
}

const BYTE_UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];

/** Shows a number of bytes for people: `512 bytes`, `16 MiB`, `70.7 GiB`. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1_024 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${Math.round((bytes / 1_024 ** power) * 10) / 10} ${BYTE_UNITS[power]}`;
}

/** Shows a duration for people: `850 ms`, `4.2 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`. */
export function formatDurationMs(ms: number): string {
  const value = Math.max(0, Math.round(ms));
  if (value < SECOND_MS) return `${value} ms`;
  if (value < MINUTE_MS) return `${(value / SECOND_MS).toFixed(value < 10 * SECOND_MS ? 1 : 0)} s`;
  const parts: [number, string, number, string] =
    value < HOUR_MS
      ? [Math.floor(value / MINUTE_MS), "min", Math.floor((value % MINUTE_MS) / SECOND_MS), "s"]
      : value < DAY_MS
        ? [Math.floor(value / HOUR_MS), "h", Math.floor((value % HOUR_MS) / MINUTE_MS), "min"]
        : [Math.floor(value / DAY_MS), "d", Math.floor((value % DAY_MS) / HOUR_MS), "h"];
  return parts[2] === 0 ? `${parts[0]} ${parts[1]}` : `${parts[0]} ${parts[1]} ${parts[2]} ${parts[3]}`;
}

/** As exact as one wants to know from afar: `53 s`, `24 min`, `2 h 10 min`, `9 h`, `3 d`. */
export function roughDurationText(ms: number): string {
  const value = Math.abs(ms);
  const unit =
    value < 90 * SECOND_MS ? SECOND_MS : value < 6 * HOUR_MS ? MINUTE_MS : value < 2 * DAY_MS ? HOUR_MS : DAY_MS;
  return formatDurationMs(Math.round(value / unit) * unit);
}
