import { firstBytes } from "./safe-text.ts";

const LINES_MAX = 40;
const LINE_BYTES_MAX = 400;

/**
 * What changed between two texts, line by line: `- gone`, `+ new`, unchanged lines left out, at most 40 of each. Lines
 * are compared as a collection, so time and memory grow with the texts and not with their product.
 */
export function lineDifference(before: string, after: string): string {
  const gone = withoutLines(before, after);
  const added = withoutLines(after, before);
  if (gone.length + added.length === 0) return `the same lines in another order:\n${listed("+", after.split("\n"))}`;
  const title = `changed (${gone.length} gone, ${added.length} new):`;
  return [title, listed("-", gone), listed("+", added)].filter((part) => part !== "").join("\n");
}

/** Lines of `text` that `other` has not, as often as it lacks them. */
function withoutLines(text: string, other: string): string[] {
  const counts = new Map<string, number>();
  for (const line of other.split("\n")) counts.set(line, (counts.get(line) ?? 0) + 1);
  return text.split("\n").filter((line) => {
    const left = counts.get(line) ?? 0;
    counts.set(line, left - 1);
    return left <= 0;
  });
}

function listed(sign: string, lines: readonly string[]): string {
  const shown = lines.slice(0, LINES_MAX).map((line) => `${sign} ${firstBytes(line, LINE_BYTES_MAX)}`);
  return [
    ...shown,
    ...(lines.length > LINES_MAX ? [`${sign} [... ${lines.length - LINES_MAX} more lines ...]`] : []),
  ].join("\n");
}
