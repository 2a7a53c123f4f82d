/** Everything that can change. */
export const CHANGED_PARTS = ["alerts", "deliveries", "jobs", "notices", "runs"];

/** How many jobs come with the document: about a screen of them. */
const FIRST_JOBS = 60;
export const FIRST_LIST = { enabled: "all", sortBy: "name", limit: FIRST_JOBS } as const;
export const FIRST_ALERTS = { limit: 100 } as const;
/** Questions that are answered with the document, so that it can be drawn without another one. */
export const FIRST_READS: readonly (readonly [method: string, params: object])[] = [
  ["status", {}],
  ["list", FIRST_LIST],
  ["alerts", FIRST_ALERTS],
];
