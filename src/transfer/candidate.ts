/** One entry of a foreign file on its way in. */
export interface Candidate {
  /** How the plan calls it: the job's name, a unit, a line. */
  name: string;
  /** A job as `cron.command.add` takes it; absent when the entry cannot be carried. */
  job?: Record<string, unknown>;
  /** What was left behind or is read differently here. */
  notes: string[];
}

/** An entry that stays where it is, and why. */
export const refused = (name: string, ...notes: string[]): Candidate => ({ name, notes });

/** Why an entry cannot be carried. Thrown inside an importer and turned into a refused candidate. */
export class NotCarried extends Error {}

/** Runs an importer's work on one entry; `NotCarried` becomes a refused candidate. */
export function candidateFor(name: string, build: () => Candidate): Candidate {
  try {
    return build();
  } catch (error) {
    if (error instanceof NotCarried) return refused(name, error.message);
    throw error;
  }
}

const NAME_LENGTH = 60;

/** A command line as a job name: one line, cut to a readable length. */
export function nameOfCommand(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= NAME_LENGTH ? line : `${line.slice(0, NAME_LENGTH - 1).trimEnd()}…`;
}

/** Leaves out fields that are undefined. */
export const present = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
