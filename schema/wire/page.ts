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

/** Something changed: the same object as the gateway's event `plugin.command-cron.changed`. */
export interface Changed {
  revision: number;
  /** What to read again: `jobs`, `runs`, `deliveries`, `alerts`, `notices`. */
  parts: string[];
}

/** What a read of the page answers. `code` is one of docs/errors.md. */
export type PageAnswer<T = unknown> = { ok: true; result: T } | { ok: false; error: { code: string; message: string } };
