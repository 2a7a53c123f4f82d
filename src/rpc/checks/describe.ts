import { isRecord } from "../../kernel/record.ts";

const SHOWN = 80;

/** Values below these may be secrets: their kind is told, never their text. */
const PRIVATE = /(^|\.)(env|input|secrets|argv)(\.|\[|$)/;

const cut = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

/** A value for an error message: short, and only its kind where it may be a secret. */
export function describeValue(value: unknown, path: string): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (value === "") return "an empty text";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  if (isRecord(value)) return "an object";
  if (typeof value === "string") {
    return PRIVATE.test(path) ? `a text of ${value.length} characters` : JSON.stringify(cut(value));
  }
  return PRIVATE.test(path) ? `a ${typeof value}` : String(value);
}

function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const change = left[i - 1] === right[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + change));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}

/** The known name a person most likely meant, or undefined when nothing is near. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > 100) return undefined;
  const wanted = name.toLowerCase().replaceAll(/[-_]/g, "");
  let best: { name: string; distance: number } | undefined;
  for (const candidate of known) {
    const away = distance(wanted, candidate.toLowerCase());
    if (best === undefined || away < best.distance) best = { name: candidate, distance: away };
  }
  return best !== undefined && best.distance <= Math.max(1, Math.floor(name.length / 3)) ? best.name : undefined;
}
