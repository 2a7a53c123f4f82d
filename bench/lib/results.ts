import type { Row } from "./figure.ts";
import { type Goal, judgeGoals, type Verdict } from "./judge.ts";
import type { Machine } from "./machine.ts";

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
