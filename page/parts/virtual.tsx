import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** Rows drawn beyond the edges of the screen. */
const SPARE = 6;

interface Range {
  from: number;
  to: number;
}

/**
 * Draws only the rows that can be seen; all are of one height. `onRange` is told which those are. Works in whatever
 * scrolls, the document or a part of it.
 */
export function VirtualRows({
  total,
  rowHeight,
  render,
  onRange,
  class: name = "",
}: {
  total: number;
  rowHeight: number;
  render(index: number): ComponentChildren;
  onRange?: (range: Range) => void;
  class?: string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [range, setRange] = useState<Range>({ from: 0, to: Math.min(total, 30) });

  useLayoutEffect(() => {
    let frame = 0;
    function measure(): void {
      frame = 0;
      const top = box.current?.getBoundingClientRect().top ?? 0;
      const first = Math.max(0, Math.floor(-top / rowHeight) - SPARE);
      const last = Math.min(total, Math.ceil((innerHeight - top) / rowHeight) + SPARE);
      const next = { from: Math.min(first, Math.max(0, total - 1)), to: Math.max(last, Math.min(total, first + 1)) };
      setRange((before) => (before.from === next.from && before.to === next.to ? before : next));
    }
    const soon = (): void => {
      if (frame === 0) frame = requestAnimationFrame(measure);
    };
    measure();
    // Captured, for scrolling does not bubble and may be that of any part around.
    addEventListener("scroll", soon, { capture: true, passive: true });
    addEventListener("resize", soon);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener("scroll", soon, { capture: true });
      removeEventListener("resize", soon);
    };
  }, [total, rowHeight]);

  useLayoutEffect(() => onRange?.(range), [range.from, range.to, onRange]);

  const rows = [];
  for (let index = range.from; index < Math.min(range.to, total); index += 1) rows.push(render(index));
  return (
    <div ref={box} class={`virtual ${name}`} style={{ height: `${total * rowHeight}px` }}>
      <div class="virtual-window" style={{ transform: `translateY(${range.from * rowHeight}px)` }}>
        {rows}
      </div>
    </div>
  );
}
