import type { Bench } from "./bench.ts";

export type Unit = "ms" | "s" | "/s" | "MB" | "kB" | "B" | "%" | "count";

export interface RowSpec {
  /** What was measured, in words; stands in the table. */
  label: string;
  unit: Unit;
}

/** One measured thing: one number a round. */
export interface Row extends RowSpec {
  /** `<figure>.<row>`. */
  id: string;
  rounds: number[];
}

export interface Bar {
  label: string;
  /** Id of a row of the same figure. */
  row: string;
  whose: "ours" | "native" | "control";
}

const barOf =
  (whose: Bar["whose"]) =>
  (label: string, row: string): Bar => ({ label, row, whose });
export const bar = { ours: barOf("ours"), native: barOf("native"), control: barOf("control") };

/** Bars that need no headings. */
export const ungrouped = (...bars: Bar[]): Plot["groups"] => [{ label: "", bars }];

export interface Plot {
  /** Name of the SVG file, without its ending. */
  file: string;
  title: string;
  scale: "log" | "linear";
  groups: readonly { label: string; bars: readonly Bar[] }[];
}

/** Rows whose rounds follow one another in time. */
export interface LinePlot {
  /** Name of the SVG file, without its ending. */
  file: string;
  title: string;
  /** Id of the row that says how many minutes the rounds lie over. */
  minutes: string;
  /** Each has an axis of its own, from 0. */
  panels: readonly { label: string; lines: readonly Bar[] }[];
}

/** Writes down what one round gave for one row. */
export type Recorder<Id extends string> = (row: Id, value: number) => void;

/** One question, the rows that answer it, and how they are measured: ours and its controls in the same rounds. */
export interface Figure<Id extends string = string> {
  name: string;
  title: string;
  rows: Record<Id, RowSpec>;
  plots: readonly Plot[];
  lines?: LinePlot;
  /** Its table stands on this page of docs, not on performance.md. */
  page?: string;
  /** Lasts too long to be one of all. */
  onlyNamed?: true;
  measure(bench: Bench, record: Recorder<Id>): Promise<void>;
}

/** Lets the compiler check that only declared rows are recorded. */
export const figure = <Id extends string>(spec: Figure<Id>): Figure => spec as unknown as Figure;
