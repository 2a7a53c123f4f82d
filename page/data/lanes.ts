import type { TimelineResult } from "../../schema/wire/rpc-results.ts";
import type { Gateway } from "../gateway.ts";
import type { TimelineRow } from "../logic/layout.ts";
import type { Span } from "../logic/time.ts";
import { inTurn, Store } from "./store.ts";

/** Rows of one question: those on the screen come first and fast, the others after them. */
const SEEN = 40;
const UNSEEN = 60;
/** What is not on the screen is read again this often at most. */
const SWEEP_MS = 10_000;
const RETRY_MS = 5_000;

export interface LaneSpan extends Span {
  slotMs: number;
}

/** What each job did and will do in the span that is looked at. */
export class LaneStore extends Store {
  readonly #rows = new Map<string, TimelineRow>();
  /** Read for another span, or before something changed. */
  readonly #stale = new Set<string>();
  readonly #gateway: Gateway;
  #span: LaneSpan | undefined;
  #ids: readonly string[] = [];
  #seen: readonly string[] = [];
  #sweptAt = 0;
  readonly #again = inTurn(() => this.#load(), 100);

  constructor(gateway: Gateway) {
    super();
    this.#gateway = gateway;
    gateway.onChange(({ parts }) => {
      if (!parts.includes("runs") && !parts.includes("jobs")) return;
      for (const id of this.#rows.keys()) this.#stale.add(id);
      this.#again();
    });
  }

  /** Grows with every answer. */
  revision = 0;

  row = (id: string): TimelineRow | undefined => this.#rows.get(id);

  /** What is to be known: all of these, and first what is on the screen. */
  want(ids: readonly string[], seen: readonly string[], span: LaneSpan): void {
    if (!sameSpan(span, this.#span)) {
      this.#span = span;
      for (const id of this.#rows.keys()) this.#stale.add(id);
      this.#sweptAt = 0;
    }
    this.#ids = ids;
    this.#seen = seen;
    this.#again();
  }

  #next(): string[] {
    const wanted = (id: string): boolean => !this.#rows.has(id) || this.#stale.has(id);
    const seen = this.#seen.filter(wanted).slice(0, SEEN);
    if (seen.length > 0) return seen;
    const fresh = this.#ids.filter((id) => !this.#rows.has(id)).slice(0, UNSEEN);
    if (fresh.length > 0) return fresh;
    if (Date.now() - this.#sweptAt < SWEEP_MS) return [];
    const stale = this.#ids.filter(wanted).slice(0, UNSEEN);
    if (stale.length === 0) this.#sweptAt = Date.now();
    return stale;
  }

  async #load(): Promise<void> {
    for (let ids = this.#next(); ids.length > 0 && this.#span !== undefined; ids = this.#next()) {
      const { sinceMs, untilMs, slotMs } = this.#span;
      const span = this.#span;
      for (const id of ids) this.#stale.delete(id);
      try {
        const { jobs } = await this.#gateway.read<TimelineResult>("timeline", { ids, sinceMs, untilMs, slotMs });
        const found = new Map(jobs.map((row) => [row.jobId, row]));
        // A job that is gone has an empty lane and is not asked for again.
        for (const id of ids) this.#rows.set(id, found.get(id) ?? emptyRow(id));
        this.revision += 1;
        if (span !== this.#span) for (const id of ids) this.#stale.add(id);
      } catch (error) {
        for (const id of ids) this.#stale.add(id);
        this.changed();
        setTimeout(this.#again, RETRY_MS);
        throw error;
      }
      this.changed();
    }
  }
}

const emptyRow = (jobId: string): TimelineRow => ({
  jobId,
  enabled: false,
  state: {},
  marks: [],
  next: [],
  latest: [],
});

const sameSpan = (a: LaneSpan, b: LaneSpan | undefined): boolean =>
  a.sinceMs === b?.sinceMs && a.untilMs === b.untilMs && a.slotMs === b.slotMs;
