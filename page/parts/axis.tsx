import { type Span, ticksOf } from "../logic/time.ts";

/** Room that the name of a day takes to its right. */
const DAY_WIDTH = 76;

/** Hours and days above the lanes. */
export function Axis({
  span,
  width,
  nowMs,
  box,
}: {
  span: Span;
  width: number;
  nowMs: number;
  box: { current: HTMLDivElement | null };
}) {
  const place = (atMs: number): number => ((atMs - span.sinceMs) / (span.untilMs - span.sinceMs)) * width;
  const nowX = place(nowMs);
  const ticks = ticksOf(span, width, nowMs);
  const days = ticks.filter(({ day }) => day).map(({ atMs }) => place(atMs));
  const shown = ticks.filter(({ atMs, day }) => {
    const x = place(atMs);
    if (!day && days.some((dayX) => x > dayX && x - dayX < DAY_WIDTH)) return false;
    return x < width - 36;
  });
  return (
    <div class="axis" ref={box} aria-hidden="true">
      {shown.map(({ atMs, label, day }) => (
        <span key={atMs} class={day ? "tick day" : "tick"} style={{ left: `${place(atMs)}px` }}>
          {label}
        </span>
      ))}
      {nowX >= 0 && nowX <= width ? (
        <span class="tick now" style={{ left: `${nowX}px` }}>
          now
        </span>
      ) : null}
    </div>
  );
}
