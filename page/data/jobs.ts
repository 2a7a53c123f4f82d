import type { ListResult, SummaryResult } from "../../schema/wire/calls/jobs.ts";
import type { Job } from "../../schema/wire/job.ts";
import { FIRST_LIST } from "../../src/kernel/page.ts";
import type { Gateway } from "../gateway.ts";
import { type LaneJob, laneJob, watchedJob } from "../logic/filter.ts";
import { inTurn, Store } from "./store.ts";

const PAGE = 200;

type Standing = Pick<Job, "enabled" | "state"> & { jobId: string };

const sameStanding = (a: Pick<Job, "enabled" | "state">, b: Pick<Job, "enabled" | "state">): boolean =>
  a.enabled === b.enabled && JSON.stringify(a.state) === JSON.stringify(b.state);

const lower = ({ job }: LaneJob): string => job.name.toLowerCase();
/** Jobs of one name stay as they came. */
const byName = (a: LaneJob, b: LaneJob): number => (lower(a) < lower(b) ? -1 : lower(a) > lower(b) ? 1 : 0);

/** All jobs, those of the gateway as well, by name; read again when one was added, changed or removed. */
export class JobStore extends Store {
  all: readonly LaneJob[] = [];
  byId: ReadonlyMap<string, LaneJob> = new Map();
  /** The first look is over. */
  known = false;
  /** Why there is nothing to show. */
  problem: string | undefined;
  readonly #gateway: Gateway;
  readonly #again = inTurn(() => this.#load(), 500);

  constructor(gateway: Gateway) {
    super();
    this.#gateway = gateway;
    gateway.onChange(({ parts }) => {
      if (parts.includes("jobs")) this.#again();
    });
    this.#again();
  }

  /** Takes over how jobs stand by now. */
  update(rows: readonly Standing[]): void {
    const news = new Map(rows.map((row) => [row.jobId, row]));
    let changed = false;
    const all = this.all.map((entry) => {
      const now = news.get(entry.job.id);
      if (now === undefined || sameStanding(now, entry.job)) return entry;
      changed = true;
      return { ...entry, job: { ...entry.job, enabled: now.enabled, state: now.state } };
    });
    if (changed) this.#show(all);
  }

  async #load(): Promise<void> {
    const found: LaneJob[] = [];
    try {
      for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
        const page: ListResult = await this.#gateway.read("list", {
          ...FIRST_LIST,
          ...(cursor === undefined ? {} : { limit: PAGE, cursor }),
        });
        found.push(...page.jobs.map(laneJob));
        cursor = page.nextCursor;
        // The first time what is there is shown at once.
        if (!this.known) this.#show(found);
      }
      this.#show([...found, ...(await this.#watched())].sort(byName));
      this.known = true;
      this.problem = undefined;
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
    this.changed();
  }

  /** The gateway's own jobs. Without them the others are shown all the same. */
  async #watched(): Promise<LaneJob[]> {
    const found: LaneJob[] = [];
    try {
      for (let offset: number | null = 0; offset !== null; ) {
        const page: SummaryResult = await this.#gateway.read("summary", {
          ...{ source: "gateway", limit: PAGE, offset },
        });
        found.push(...page.jobs.map(watchedJob));
        offset = page.nextOffset;
      }
      return found;
    } catch {
      return this.all.filter(({ watched }) => watched !== undefined);
    }
  }

  #show(found: readonly LaneJob[]): void {
    this.all = [...found];
    this.byId = new Map(found.map((entry) => [entry.job.id, entry]));
    this.changed();
  }
}
