const NAMED_MAX = 10;

/** The first names of a list that may be long, for one line. */
export function someOf(names: readonly string[]): string {
  const named = names.slice(0, NAMED_MAX);
  return named.join(", ") + (names.length > named.length ? `, and ${names.length - named.length} more` : "");
}
