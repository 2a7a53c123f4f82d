import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { type Followed, followLog, type LogWanted } from "../data/log.ts";
import { usePage } from "../data/page.ts";
import { findLines, LogLines, piecesOf } from "../logic/output.ts";
import { count } from "../logic/states.ts";
import { exactClockText } from "../logic/time.ts";
import { CommandLine } from "./deeds.tsx";
import { VirtualRows } from "./virtual.tsx";

const ROW_HEIGHT = 19;

function useLog(wanted: LogWanted): Followed {
  const { gateway } = usePage();
  const [log, setLog] = useState<Followed>({ lines: new LogLines(), page: undefined, cut: false, problem: undefined });
  useEffect(
    () => followLog(gateway, wanted, (change) => setLog((before) => ({ ...before, ...change }))),
    [gateway, wanted.runId, wanted.attempt, wanted.whole],
  );
  return log;
}

/** What a run printed, with a search, growing while it goes on. All of it is text, never markup. */
export function Log({ runId, attempt }: { runId: string; attempt?: number | undefined }) {
  const [whole, setWhole] = useState(false);
  const { lines, page, cut, problem } = useLog({ runId, attempt, whole });
  const [wanted, setWanted] = useState("");
  const [at, setAt] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const total = lines.lines.length;
  const found = findLines(lines.lines, wanted);
  const current = found[Math.min(at, found.length - 1)];

  useLayoutEffect(() => {
    if (box.current !== null && atEnd.current && wanted === "") box.current.scrollTop = box.current.scrollHeight;
  }, [page, total, wanted]);
  useLayoutEffect(() => {
    if (box.current !== null && current !== undefined) box.current.scrollTop = current * ROW_HEIGHT - 80;
  }, [current]);
  const step = (by: number): void => setAt((before) => (before + by + found.length) % Math.max(1, found.length));

  return (
    <div class="log">
      <div class="log-bar">
        <input
          type="search"
          aria-label="Search in the output"
          placeholder="Search in the output"
          value={wanted}
          onInput={(event) => {
            setWanted((event.target as HTMLInputElement).value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
          }}
        />
        {wanted === "" ? null : (
          <span class="log-found">
            <span role="status">
              {found.length === 0 ? "nothing found" : `${Math.min(at, found.length - 1) + 1} of ${found.length}`}
            </span>
            <button
              type="button"
              class="small"
              aria-label="The one before"
              disabled={found.length < 2}
              onClick={() => step(-1)}
            >
              ↑
            </button>
            <button
              type="button"
              class="small"
              aria-label="The next one"
              disabled={found.length < 2}
              onClick={() => step(1)}
            >
              ↓
            </button>
          </span>
        )}
        <span class="quiet log-state">
          {page?.running === true ? <span class="live">following</span> : null} {count(total, "line")}
        </span>
      </div>
      {cut ? (
        <p class="note">
          Only the end is shown.{" "}
          <button type="button" class="link" onClick={() => setWhole(true)}>
            From the beginning
          </button>
        </p>
      ) : null}
      {problem === undefined ? null : <p class="note tone-warn">{problem}</p>}
      {page === undefined ? (
        <p class="note">Reading…</p>
      ) : total === 0 ? (
        <p class="note">
          {page.unstarted ??
            (page.gone === true
              ? "The log is not there any more."
              : page.running
                ? "Nothing printed yet."
                : "It printed nothing.")}
        </p>
      ) : (
        <div
          ref={box}
          class="log-box"
          role="region"
          aria-label="Output"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: so that the keys scroll it
          tabIndex={0}
          onScroll={() => {
            const { current: element } = box;
            if (element === null) return;
            atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 2 * ROW_HEIGHT;
          }}
        >
          <VirtualRows
            total={total}
            rowHeight={ROW_HEIGHT}
            render={(index) => {
              const line = lines.lines[index];
              if (line === undefined) return null;
              return (
                <div key={index} class={`log-line log-${line.stream}${index === current ? " log-current" : ""}`}>
                  <span class="log-time" title={line.stream === "stderr" ? "standard error" : "standard output"}>
                    {exactClockText(line.atMs)}
                  </span>
                  {line.more > 0 ? (
                    <em class="quiet">
                      the first {line.text.length.toLocaleString("en")} of{" "}
                      {count(line.text.length + line.more, "character")}:
                    </em>
                  ) : null}
                  <span class="log-text" dir="ltr">
                    {piecesOf(line.text, wanted).map((piece, part) =>
                      piece.hit ? <mark key={part}>{piece.text}</mark> : piece.text,
                    )}
                  </span>
                </div>
              );
            }}
          />
        </div>
      )}
      {page?.cut === undefined ? null : <p class="note">The log is not complete: {page.cut}</p>}
      {page !== undefined && page.droppedBytes > 0 ? (
        <p class="note">{count(page.droppedBytes, "byte")} were left out: the log’s budget was used up.</p>
      ) : null}
      {total > 0 ? <CommandLine command={`command-cron logs ${runId.slice(0, 8)}`} /> : null}
    </div>
  );
}
