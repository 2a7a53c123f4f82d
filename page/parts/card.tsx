import { formatDurationMs } from "../../src/kernel/durations.ts";
import { Store, useStore } from "../data/store.ts";
import type { Box } from "../logic/layout.ts";
import { count, STATES } from "../logic/states.ts";
import { agoText, exactClockText, instantText } from "../logic/time.ts";
import { Mark } from "./mark.tsx";

export interface Shown {
  name: string;
  box: Box;
  nowMs: number;
  /** On the screen: the middle of the mark, and the edges of its lane. */
  x: number;
  top: number;
  bottom: number;
}

/** What is told of one mark of the timeline, for the pointer and for the keys. */
export class CardStore extends Store {
  shown: Shown | undefined;
  show(shown: Shown | undefined): void {
    if (shown === this.shown) return;
    this.shown = shown;
    this.changed();
  }
}

/** A mark in words, a line each. */
export function factsOf({ status, fromMs, throughMs, runs }: Box, nowMs: number): string[] {
  const { word } = STATES[status];
  if (status === "planned") return [`${word} ${instantText(fromMs, nowMs)}`, agoText(fromMs, nowMs)];
  const what = runs === 1 ? word : `${count(runs, status === "missed" ? "time" : "run")}: ${word}`;
  const start = `${instantText(fromMs, nowMs)}:${exactClockText(fromMs).slice(-2)}`;
  if (status === "running") return [what, `since ${start}, for ${formatDurationMs(nowMs - fromMs)}`];
  if (status === "queued" || status === "awaiting_approval") return [what, `since ${start}`];
  if (throughMs === undefined || throughMs - fromMs < 1) return [what, start];
  const took = formatDurationMs(throughMs - fromMs);
  return [what, runs === 1 ? `${start}, took ${took}` : `${start} to ${instantText(throughMs, nowMs)}`];
}

const WIDTH = 260;

export function Card({ store }: { store: CardStore }) {
  const { shown } = useStore(store);
  const facts = shown === undefined ? [] : factsOf(shown.box, shown.nowMs);
  return (
    <>
      <p role="status" class="unseen">
        {shown === undefined ? "" : `${shown.name}: ${facts.join(", ")}`}
      </p>
      {shown === undefined ? null : (
        <div
          class="card"
          aria-hidden="true"
          style={{
            left: `${Math.max(8, Math.min(shown.x - WIDTH / 2, innerWidth - WIDTH - 8))}px`,
            width: `${WIDTH}px`,
            ...(shown.bottom + 110 > innerHeight
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
          {shown.box.runId === undefined ? null : <p class="quiet">Click or Enter for the run and its output.</p>}
        </div>
      )}
    </>
  );
}
