import type { RunsResult } from "../../schema/wire/calls/runs.ts";
import { formatDurationMs } from "../../src/kernel/durations.ts";
import { Store, useStore } from "../data/store.ts";
import type { Gateway } from "../gateway.ts";
import type { Box } from "../logic/layout.ts";
import { count, type MarkStatus, STATES, whyAndWords } from "../logic/states.ts";
import { agoText, exactClockText, instantText } from "../logic/time.ts";
import { Mark } from "./mark.tsx";

export interface Shown {
  name: string;
  jobId: string;
  /** One of the gateway's own jobs. */
  watched: boolean;
  box: Box;
  nowMs: number;
  /** On the screen: the middle of the mark, and the edges of its lane. */
  x: number;
  top: number;
  bottom: number;
}

/** One goes over many marks on the way to the one that is meant. */
const REST_MS = 120;
/** A run that ended well has nothing to explain, and one that goes on says it in the lists. */
const NOT_ASKED: readonly MarkStatus[] = ["planned", "succeeded", "running", "stalled", "queued"];

/** What is told of one mark of the timeline, for the pointer and for the keys; why it is so is read once one stays. */
export class CardStore extends Store {
  shown: Shown | undefined;
  readonly #gateway: Pick<Gateway, "read">;
  readonly #whys = new Map<string, string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(gateway: Pick<Gateway, "read">) {
    super();
    this.#gateway = gateway;
  }

  /** Why the run that is shown ended as it did; empty until it is known. */
  get why(): string {
    return this.#whys.get(this.shown?.box.runId ?? "") ?? "";
  }

  show(shown: Shown | undefined): void {
    if (shown === this.shown) return;
    const { runId, status } = shown?.box ?? {};
    if (runId !== this.shown?.box.runId) {
      clearTimeout(this.#timer);
      const asked = shown !== undefined && runId !== undefined && status !== undefined && !NOT_ASKED.includes(status);
      if (asked && !this.#whys.has(runId)) this.#timer = setTimeout(() => void this.#ask(shown, runId), REST_MS);
    }
    this.shown = shown;
    this.changed();
  }

  async #ask({ jobId, watched }: Shown, runId: string): Promise<void> {
    const asked = watched ? { id: jobId, allCron: true, limit: 100 } : { runId };
    const { entries } = await this.#gateway.read<RunsResult>("runs", asked).catch(() => ({ entries: [] }));
    const run = entries.find((entry) => entry.runId === runId);
    if (run === undefined) return;
    this.#whys.set(runId, whyAndWords(run));
    this.changed();
  }
}

/** A mark in words, a line each. */
export function factsOf({ status, fromMs, throughMs, runs }: Box, nowMs: number): string[] {
  const { word } = STATES[status];
  if (status === "planned") return [`${word} ${instantText(fromMs, nowMs)}`, agoText(fromMs, nowMs)];
  const what = runs === 1 ? word : `${count(runs, status === "missed" ? "time" : "run")}: ${word}`;
  const start = `${instantText(fromMs, nowMs)}:${exactClockText(fromMs).slice(-2)}`;
  if (status === "running" || status === "stalled")
    return [what, `since ${start}, for ${formatDurationMs(nowMs - fromMs)}`];
  if (status === "queued" || status === "awaiting_approval") return [what, `since ${start}`];
  if (throughMs === undefined || throughMs - fromMs < 1) return [what, start];
  const took = formatDurationMs(throughMs - fromMs);
  return [what, runs === 1 ? `${start}, took ${took}` : `${start} to ${instantText(throughMs, nowMs)}`];
}

const WIDTH = 260;

export function Card({ store }: { store: CardStore }) {
  const { shown } = useStore(store);
  const facts = shown === undefined ? [] : factsOf(shown.box, shown.nowMs);
  const { why } = store;
  return (
    <>
      <p role="status" class="unseen">
        {shown === undefined
          ? ""
          : [`${shown.name}: ${facts.join(", ")}`, why].filter((part) => part !== "").join(": ")}
      </p>
      {shown === undefined ? null : (
        <div
          class="card"
          aria-hidden="true"
          style={{
            left: `${Math.max(8, Math.min(shown.x - WIDTH / 2, innerWidth - WIDTH - 8))}px`,
            width: `${WIDTH}px`,
            ...(shown.bottom + 170 > innerHeight
              ? { bottom: `${innerHeight - shown.top + 4}px` }
              : { top: `${shown.bottom + 4}px` }),
          }}
        >
          <p class="card-name">{shown.name}</p>
          <p class="card-state">
            <Mark status={shown.box.status} tone={STATES[shown.box.status].tone} /> {facts[0]}
          </p>
          {facts.slice(1).map((fact) => (
            <p key={fact}>{fact}</p>
          ))}
          {why === "" ? null : <p class="card-why">{why}</p>}
          {shown.box.runId === undefined ? null : <p class="quiet">Click or Enter for the run and its output.</p>}
        </div>
      )}
    </>
  );
}
