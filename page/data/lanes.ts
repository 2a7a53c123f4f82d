import type { TimelineResult } from "../../schema/wire/calls/runs.ts";
import type { Gateway } from "../gateway.ts";
import type { TimelineRow } from "../logic/layout.ts";
import type { Span } from "../logic/time.ts";
import { inTurn, MOST_REST_MS, Store } from "./store.ts";

/** Rows of one question. */
const CHUNK = 60;
/** The pause before what has changed is read again: on the screen, where it grows while there is no end of it, and beside it. */
const SEEN_MS = 250;
const SWEEP_MS = 10_000;
const RETRY_MS = 5_000;

interface LaneSpan extends Span {
  slotMs: number;
}

/** What each job did and will do in the span that is looked at. */
export class LaneStore extends Store {
  readonly #rows = new Map<string, TimelineRow>();
  /** Read for another span: as good as not known. */
  readonly #outdated = new Set<string>();
  /** Read before something changed. */
  readonly #stale = new Set<string>();
  readonly #gateway: Gateway;
  #span: LaneSpan | undefined;
  #ids: readonly string[] = [];
  #seen: readonly string[] = [];
  /** What is read again of what is not on the screen, and when that began. */
  #sweep: string[] = [];
  #sweptAt = 0;
  #seenAt = 0;
  #restMs = SEEN_MS;
  /** When it looks again by itself. */
  #later: { atMs: number; timer: ReturnType<typeof setTimeout> } | undefined;
  readonly #told: (rows: readonly TimelineRow[]) => void;
  /** It has pauses of its own for what changes; what one scrolls to is wanted at once. */
  readonly #again = inTurn(() => this.#load(), 50, 50);

  /** `told` hears of every row that was read. */
  constructor(gateway: Gateway, told: (rows: readonly TimelineRow[]) => void) {
    super();
    this.#gateway = gateway;
    this.#told = told;
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
      for (const id of this.#rows.keys()) this.#outdated.add(id);
      this.#sweep = [];
    }
    this.#ids = ids;
    this.#seen = seen;
    this.#again();
  }

  #next(): string[] {
    const isNew = (id: string): boolean => !this.#rows.has(id) || this.#outdated.has(id);
    const isStale = (id: string): boolean => this.#stale.has(id);
    const appeared = this.#seen.filter(isNew);
    if (appeared.length > 0) return appeared.slice(0, CHUNK);
    const changed = this.#seen.filter(isStale);
    const sinceSeen = Date.now() - this.#seenAt;
    if (changed.length > 0 && sinceSeen >= this.#restMs) {
      this.#restMs = sinceSeen > 2 * this.#restMs ? SEEN_MS : Math.min(2 * this.#restMs, MOST_REST_MS);
      this.#seenAt = Date.now();
      return changed.slice(0, CHUNK);
    }
    if (changed.length > 0) this.#soon(this.#restMs - sinceSeen);
    const others = this.#ids.filter(isNew);
    if (others.length > 0) return others.slice(0, CHUNK);
    const sinceSweep = Date.now() - this.#sweptAt;
    if (this.#sweep.length === 0 && sinceSweep >= SWEEP_MS) {
      this.#sweep = this.#ids.filter(isStale);
      this.#sweptAt = Date.now();
    } else if (this.#sweep.length === 0 && this.#ids.some(isStale)) this.#soon(SWEEP_MS - sinceSweep);
    return this.#sweep.splice(0, CHUNK);
  }

  #soon(afterMs: number): void {
    const atMs = Date.now() + Math.max(0, afterMs);
    if (this.#later !== undefined && this.#later.atMs <= atMs) return;
    clearTimeout(this.#later?.timer);
    const timer = setTimeout(() => {
      this.#later = undefined;
      this.#again();
    }, afterMs);
    this.#later = { atMs, timer };
  }

  async #load(): Promise<void> {
    for (let ids = this.#next(); ids.length > 0 && this.#span !== undefined; ids = this.#next()) {
      const { sinceMs, untilMs, slotMs } = this.#span;
      const span = this.#span;
      for (const id of ids) this.#stale.delete(id);
      for (const id of ids) this.#outdated.delete(id);
      try {
        const { jobs } = await this.#gateway.read<TimelineResult>("timeline", { ids, sinceMs, untilMs, slotMs });
        const found = new Map(jobs.map((row) => [row.jobId, row]));
        // A job that is gone has an empty lane and is not asked for again.
        for (const id of ids) this.#rows.set(id, found.get(id) ?? emptyRow(id));
        this.revision += 1;
        this.#told(jobs);
        if (span !== this.#span) for (const id of ids) this.#outdated.add(id);
      } catch (error) {
        for (const id of ids) this.#outdated.add(id);
        this.changed();
        this.#soon(RETRY_MS);
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
