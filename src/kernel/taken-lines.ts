/**
 * Stands before a line of a crontab that runs here now. Cron takes such a line for a comment; without these words it is, byte
 * for byte, what it was.
 */
export const TAKEN = "#command-cron runs this# ";

/** Numbers of the lines of a crontab that run here, counted from 1. */
export const takenLines = (crontab: string): number[] =>
  crontab.split("\n").flatMap((line, index) => (line.startsWith(TAKEN) ? [index + 1] : []));

/** The crontab with these lines marked. */
export const markLines = (crontab: string, numbers: readonly number[]): string => {
  const marked = new Set(numbers);
  return crontab
    .split("\n")
    .map((line, index) => (marked.has(index + 1) && !line.startsWith(TAKEN) ? TAKEN + line : line))
    .join("\n");
};

/** The crontab without its marks. */
export const unmarkLines = (crontab: string): string =>
  crontab
    .split("\n")
    .map((line) => (line.startsWith(TAKEN) ? line.slice(TAKEN.length) : line))
    .join("\n");
