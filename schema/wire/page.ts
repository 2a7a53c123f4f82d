/** What the served document knows about where it came from; no secret but the ticket, which reads and nothing else. */
export interface PageBoot {
  /** Path of the plugin's routes, without a slash at its end. */
  base: string;
  ticket: string;
  version: string;
  native: boolean;
  /** The gateway's clock when it was served: a browser's may be a day off. */
  now: number;
  /** The newest change that what follows knows of. */
  revision: number;
  /** What every view asks first, with its answer as of `now`. */
  first?: { method: string; params: object; result: unknown }[];
}

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

/** Everything that can change. */
export const CHANGED_PARTS = ["alerts", "deliveries", "jobs", "notices", "runs"];

/** Something changed: the same object as the gateway's event `plugin.command-cron.changed`. */
export interface Changed {
  revision: number;
  /** What to read again: `jobs`, `runs`, `deliveries`, `alerts`, `notices`. */
  parts: string[];
}

/** What a read of the page answers. `code` is one of docs/errors.md. */
export type PageAnswer<T = unknown> = { ok: true; result: T } | { ok: false; error: { code: string; message: string } };
