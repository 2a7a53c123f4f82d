import type { Row } from "./figure.ts";
import { otherMachine } from "./machine.ts";
import { allRows, type Results } from "./results.ts";
import { median, ratios } from "./stats.ts";

/** What is within this may be the machine's own unrest. */
const WORSE_PERCENT = 15;

/** A row of ours beside its control, then and now. */
export interface Change {
  /** `overhead.ours-p50 / overhead.spawn-p50`. */
  pair: string;
  before: number;
  now: number;
  /** By how much it got worse; below 0: better. */
  worsePercent: number;
}

/**
 * Each row of ours that has a control of the same name, `spawn-p50` for `ours-p50`, by the ratio of the two: what slows the
 * machine down slows both. The gateway's own counts as a control where there is no other.
 */
export function changes(before: Results["figures"], now: Results["figures"]): Change[] {
  const [old, taken] = [allRows(before), allRows(now)];
  return taken.flatMap((row) => {
    const control = controlOf(row, taken);
    if (control === undefined) return [];
    const then = ratioOf(old, row.id, control.id);
    const today = ratioOf(taken, row.id, control.id);
    const growth = row.unit === "/s" ? then / today : today / then;
    if (!Number.isFinite(growth)) return [];
    return [{ pair: `${row.id} / ${control.id}`, before: then, now: today, worsePercent: 100 * (growth - 1) }];
  });
}

function controlOf({ id }: Row, rows: readonly Row[]): Row | undefined {
  const [, figure = "", name] = /^(.*\.)ours-(.*)$/.exec(id) ?? [];
  if (name === undefined) return undefined;
  const others = rows.filter((row) => row.id !== id && row.id.startsWith(figure) && row.id.endsWith(`-${name}`));
  const named = others.filter((row) => !row.id.slice(figure.length, -name.length - 1).includes("-"));
  return named.find((row) => !row.id.startsWith(`${figure}native-`)) ?? named[0];
}

const ratioOf = (rows: readonly Row[], left: string, right: string): number => {
  const rounds = (id: string): readonly number[] => rows.find((row) => row.id === id)?.rounds ?? [];
  return median(ratios(rounds(left), rounds(right)));
};

/** What got worse since the last full run, in lines for people. Figures of another machine are not compared. */
export function renderWorse(before: Pick<Results, "machine" | "figures">, now: Pick<Results, "machine" | "figures">) {
  const other = otherMachine(before.machine, now.machine);
  if (other.length > 0) {
    return `Not compared with the last full run: ${other.map((fact) => `${fact} ${before.machine[fact]} then, ${now.machine[fact]} now`).join("; ")}.`;
  }
  const all = changes(before.figures, now.figures);
  const worse = all.filter(({ worsePercent }) => worsePercent > WORSE_PERCENT);
  const head = `Ratios compared with the last full run: ${all.length}; worse by more than ${WORSE_PERCENT} %: ${worse.length}`;
  const lines = worse.map(
    (one) =>
      `  ${one.pair}: ${times(one.before)} then, ${times(one.now)} now, worse by ${Math.round(one.worsePercent)} %`,
  );
  return [head, ...lines].join("\n");
}

const times = (ratio: number): string => `${Number(ratio.toPrecision(3))}x`;
