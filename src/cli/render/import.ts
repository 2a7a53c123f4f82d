import type { ImportReport, ImportRow } from "../../transfer/api.ts";
import type { Style, Tone } from "./style.ts";
import { cleanLine, wrapWords } from "./text.ts";

/** How a plan marks what becomes of an entry. */
export const SIGNS: Record<ImportRow["action"], readonly [sign: string, tone: Tone]> = {
  update: ["~", "warn"],
  create: ["+", "good"],
  remove: ["-", "bad"],
  refused: ["!", "bad"],
  unchanged: ["=", "dim"],
};
const ORDER = Object.keys(SIGNS) as ImportRow["action"][];

/**
 * A plan for people: what is counted, what changes field by field, each remark once with the number it is called by, and
 * what goes on running elsewhere. Unchanged jobs are only counted.
 */
export function renderImport({ plan, applied, absent, problem }: ImportReport, style: Style): string {
  const width = style.width ?? Number.POSITIVE_INFINITY;
  const remarks = new Map<string, number[]>();
  for (const row of plan) for (const note of row.notes ?? []) remarks.set(note, [...(remarks.get(note) ?? []), 1]);
  const numbers = new Map([...remarks.keys()].map((note, index) => [note, index + 1]));
  const shown = ORDER.filter((action) => action !== "unchanged").flatMap((action) =>
    plan.filter((row) => row.action === action),
  );
  const parts = [
    wrap(countLine(plan, applied, absent), width),
    shown.flatMap((row) => rowLines(row, numbers, style, width)).join("\n"),
    section(
      "Remarks:",
      [...remarks].map(
        ([note, rows]) => `[${numbers.get(note)}] ${rows.length > 1 ? `${rows.length} jobs: ` : ""}${note}`,
      ),
      width,
    ),
    endings(plan, width),
    problem === undefined ? "" : wrap(style("bad", `Refused: ${cleanLine(problem)}`), width),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

function countLine(plan: readonly ImportRow[], applied: boolean, absent: number): string {
  const count = (action: ImportRow["action"]): number => plan.filter((row) => row.action === action).length;
  const off = plan.filter(({ action, enabled }) => action === "create" && enabled === false).length;
  const words: [ImportRow["action"], string][] = applied
    ? [
        ["create", "created"],
        ["update", "updated"],
      ]
    : [
        ["create", "to create"],
        ["update", "to update"],
      ];
  const said = [...words, ["unchanged", "unchanged"] as const, ["refused", "refused"] as const].map(
    ([action, word]) => `${count(action)} ${word}${action === "create" && off > 0 ? ` (${off} switched off)` : ""}`,
  );
  return `${said.join(", ")}; ${absent} in the ledger and not in the file.`;
}

function rowLines(row: ImportRow, numbers: ReadonlyMap<string, number>, style: Style, width: number): string[] {
  const [sign, tone] = SIGNS[row.action];
  const place = row.at === undefined || row.at === row.name ? "" : ` (${row.at})`;
  const refs = (row.notes ?? []).map((note) => ` [${numbers.get(note)}]`).join("");
  const reason = row.action === "refused" ? `: ${row.detail}` : "";
  const head = wrap(`${sign} ${cleanLine(`${row.name || "-"}${place}${reason}`)}${refs}`, width, 2);
  const holds = (row.holds ?? []).map((hold) =>
    wrap(`    ${row.enabled === false ? "off: " : ""}${cleanLine(hold)}`, width, 6),
  );
  const changes = (row.changes ?? []).map((change) => wrap(changeLine(change), width, 6));
  const same = (row.same ?? [])
    .filter(({ id }) => id !== row.id)
    .map(({ id, name }) => wrap(`    already on here: job ${cleanLine(name)} (${id}) starts this command`, width, 6));
  return [style(tone, head), ...changes, ...holds, ...same];
}

/** One field that changes; of what may be confidential only that it does. */
export function changeLine({ field, from, to }: NonNullable<ImportRow["changes"]>[number]): string {
  const values = from === undefined && to === undefined ? "changed" : `${from ?? "(nothing)"} -> ${to ?? "(nothing)"}`;
  return `    ${cleanLine(field)}: ${cleanLine(values)}`;
}

/** What still starts elsewhere, under what ends it. */
function endings(plan: readonly ImportRow[], width: number): string {
  const groups = new Map<string, string[]>();
  for (const { ends } of plan)
    if (ends !== undefined) groups.set(ends.how, [...(groups.get(ends.how) ?? []), ends.what]);
  const lines = [...groups].flatMap(([how, whats]) => [
    wrap(`  ${cleanLine(how)}`, width, 2),
    ...whats.map((what) => wrap(`    ${cleanLine(what)}`, width, 6)),
  ]);
  if (lines.length === 0) return "";
  const head = "These still start where they come from. End each there before its job here is switched on:";
  return [wrap(head, width), ...lines].join("\n");
}

function section(title: string, lines: readonly string[], width: number): string {
  return lines.length === 0 ? "" : [title, ...lines.map((line) => wrap(`  ${cleanLine(line)}`, width, 6))].join("\n");
}

/** A line broken between words; what follows a break is indented. A word wider than the line stays whole. */
const wrap = (line: string, width: number, hang = 0): string =>
  wrapWords(line, width, { hang, whole: true }).join("\n");
