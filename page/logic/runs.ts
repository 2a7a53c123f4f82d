import type { RunEntry } from "../../schema/wire/run.ts";
import { shownAt } from "./failures.ts";

/** Runs of several answers, each once and as it was told last. */
export const together = (...answers: (readonly RunEntry[])[]): RunEntry[] => [
  ...new Map(answers.flat().map((run) => [run.runId, run])).values(),
];

/** What it says stays as it is from then on. */
export const hasEnded = ({ status }: RunEntry): boolean => status !== undefined;

/** They come in the order in which they were recorded: what passed while nothing could run is recorded later. */
export const newestFirst = (a: RunEntry, b: RunEntry): number => shownAt(b) - shownAt(a);
