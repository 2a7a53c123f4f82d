/** One entry of a foreign file on its way in. */
export interface Candidate {
  /** How the plan calls it: the job's name, a unit, a line. */
  name: string;
  /** Where it stands: `line 7`, `backup.timer`. */
  at?: string;
  /** A job as `cron.command.add` takes it; absent when the entry cannot be carried. */
  job?: Record<string, unknown>;
  /** What is different here; of a refused entry, why. */
  notes: string[];
  /** What decided there and does not come along: with any of these the job comes in disabled. */
  holds?: string[];
  /** The other system would not take it either, or it is another format: nothing of the file is applied. */
  mistake?: true;
  /** What starts it where it comes from, and how to end that. */
  ends?: Ending;
}

export interface Ending {
  what: string;
  how: string;
}

/** An entry that stays where it is, and why. */
export const refused = (name: string, ...notes: string[]): Candidate => ({ name, notes });

/** Why an entry cannot be carried. Thrown inside an importer and turned into a refused candidate. */
export class NotCarried extends Error {}

/** Why an entry is none: its own system refuses it, or it is written for another one. */
export class Mistake extends NotCarried {}

/** Runs an importer's work on one entry; `NotCarried` becomes a refused candidate. */
export function candidateFor(name: string, build: () => Candidate): Candidate {
  try {
    return build();
  } catch (error) {
    if (error instanceof Mistake) return { ...refused(name, error.message), mistake: true };
    if (error instanceof NotCarried) return refused(name, error.message);
    throw error;
  }
}

/** The same for an entry that becomes several jobs. */
export function candidatesFor(name: string, build: () => Candidate[]): Candidate[] {
  let made: Candidate[] = [];
  const failed = candidateFor(name, () => {
    made = build();
    return { name, notes: [] };
  });
  return made.length > 0 ? made : [failed];
}

const NAME_LENGTH = 60;

/** A line as a job name: cut between two words where it is long, so that it can be typed. */
export function nameOfLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  if (line.length <= NAME_LENGTH) return line;
  const cut = line.slice(0, NAME_LENGTH + 1);
  const end = cut.lastIndexOf(" ");
  return cut.slice(0, end > 0 ? end : NAME_LENGTH);
}
