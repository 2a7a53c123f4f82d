import { type Condition, condition, type Database, number } from "../sql/index.ts";
import type { JobFilter } from "../types.ts";

/** Of several facets the one with the fewest jobs is walked; so many are counted to find it. */
const COUNTED_JOBS = 2_000;

/** The facets a job must bear, as the ledger keeps them; `command` is no facet. */
export function facetsOf({ tags = [], failing, slow, flaky, neverRan, to, owner }: JobFilter): string[] {
  return [
    ...tags.map((tag) => `tag:${tag}`),
    ...(owner === undefined ? [] : [`owner:${owner}`]),
    ...(to === undefined ? [] : [`to:${to}`]),
    ...(failing === true ? ["failing"] : []),
    ...(slow === true ? ["slow"] : []),
    ...(flaky === true ? ["flaky"] : []),
    ...(neverRan === true ? ["never-ran"] : []),
  ];
}

/** The rarest of them first; undefined when there is none. */
export function rarestFirst(
  db: Database,
  facets: readonly string[],
): [rarest: string, ...others: string[]] | undefined {
  const count = (facet: string): number =>
    number(
      db.get(`SELECT count(*) AS n FROM (SELECT 1 FROM job_facets WHERE facet = ? LIMIT ${COUNTED_JOBS})`, facet),
      "n",
    );
  const counted =
    facets.length < 2 ? facets.map((facet) => ({ facet, n: 0 })) : facets.map((facet) => ({ facet, n: count(facet) }));
  const [first, ...others] = counted.sort((a, b) => a.n - b.n).map(({ facet }) => facet);
  return first === undefined ? undefined : [first, ...others];
}

/** Jobs that bear a facet too, by the column that holds their id. */
export const bears = (idColumn: string, facet: string): Condition =>
  condition(`EXISTS (SELECT 1 FROM job_facets AS other WHERE other.job_id = ${idColumn} AND other.facet = ?)`, facet);

/** Jobs with a text in an argument of their command, by the column that holds the definition. The text is folded. */
export const hasCommand = (definitionColumn: string, text: string): Condition =>
  condition(
    `EXISTS (SELECT 1 FROM json_each(${definitionColumn}, '$.payload.argv') AS word WHERE instr(fold(word.value), ?) > 0)`,
    text,
  );

/** Text that the text index of jobs knows parts of, for its MATCH. */
export const phraseOf = (folded: string): string => `"${folded.replaceAll('"', '""')}"`;
