import type { Row } from "./figure.ts";
import { type Goal, judgeGoals, type Verdict } from "./judge.ts";
import { type Machine, otherMachine } from "./machine.ts";

export interface FigureResult {
  seconds: number;
  rows: Row[];
}

/** What `bench/results.json` holds. */
export interface Results {
  takenAt: string;
  machine: Machine;
  figures: Record<string, FigureResult>;
  verdicts: Verdict[];
}

export const allRows = (figures: Results["figures"]): Row[] => Object.values(figures).flatMap(({ rows }) => rows);

/** Puts figures together with what they say about the goals. */
export function composeResults(facts: Omit<Results, "verdicts">, goals: readonly Goal[]): Results {
  return { ...facts, verdicts: judgeGoals(goals, allRows(facts.figures)) };
}

/** When and where results are from: of some figures among those of a full run on the same machine, that full run. */
export function keptFrom(last: Results, taken: Omit<Results, "verdicts">, whole: boolean): Omit<Results, "verdicts"> {
  return whole || otherMachine(last.machine, taken.machine).length > 0 ? taken : { ...taken, ...factsOf(last) };
}

const factsOf = ({ takenAt, machine }: Results) => ({ takenAt, machine });
