import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { RunsResult } from "../../schema/wire/calls/runs.ts";
import type { RunEntry } from "../../schema/wire/run.ts";
import { useAddress, useNow, usePage, useRead, useSettled } from "../data/page.ts";
import { pathOf } from "../logic/address.ts";
import { wordOf } from "../logic/filter.ts";
import { hasEnded, together } from "../logic/runs.ts";
import { count } from "../logic/states.ts";
import { startOfDay } from "../logic/time.ts";
import { Choice, Empty, Help, Problem, SearchField } from "../parts/common.tsx";
import { partsWhile, RunList } from "../parts/run-list.tsx";

const STATES = {
  all: "all runs",
  bad: "failed or missed",
  active: "running or waiting",
  ok: "ran well",
  passed: "skipped or stopped",
} as const;
type State = keyof typeof STATES;
const RUN_STATUSES: Record<State, string[] | undefined> = {
  all: undefined,
  bad: ["failed", "timed_out", "lost", "missed"],
  active: ["queued", "awaiting_approval", "running"],
  ok: ["succeeded"],
  passed: ["skipped", "canceled"],
};
const DAYS = { any: "at any time", today: "today", yesterday: "since yesterday", week: "in the last 7 days" } as const;
type Days = keyof typeof DAYS;
const BACK: Record<Days, number | undefined> = { any: undefined, today: 0, yesterday: 1, week: 7 };
const PAGE = 30;
/** So many are read anew whenever something changes; what is older is asked for once. */
const FRESH = 200;

export function RunsView() {
  const { route, gateway } = usePage();
  const { query } = useAddress();
  const now = useNow(1_000);
  const state = wordOf(STATES, query["state"], "all");
  const days = wordOf(DAYS, query["days"], "any");
  const [text, setText] = useState(query["q"] ?? "");
  const wanted = useSettled(text.trim(), 250);
  const [open, setOpen] = useState<string>();
  const [limit, setLimit] = useState(PAGE);
  const [older, setOlder] = useState<RunEntry[]>([]);
  const [refused, setRefused] = useState<string>();
  const back = BACK[days];
  const statuses = RUN_STATUSES[state];
  const filter = {
    ...(statuses === undefined ? {} : { runStatuses: statuses }),
    ...(wanted === "" ? {} : { query: wanted }),
    ...(back === undefined ? {} : { sinceMs: startOfDay(now, -back) }),
  };
  const [active, setActive] = useState(false);
  const { value, problem, loading } = useRead<RunsResult>("runs", { ...filter, limit }, partsWhile(active, ["runs"]));
  const goesOn = value?.entries.some(({ runStatus }) => runStatus === "running") === true;
  useEffect(() => setActive(goesOn), [goesOn]);
  const key = JSON.stringify(filter);
  const asked = useRef(key);
  asked.current = key;
  useEffect(() => {
    setLimit(PAGE);
    setOlder([]);
    setRefused(undefined);
  }, [key]);
  const runs = useMemo(() => together(older, value?.entries ?? []), [older, value]);
  // What slides out of what is read anew stays on the screen, where it cannot change any more.
  useEffect(() => setOlder((before) => (before.length === 0 ? before : runs.filter(hasEnded))), [value]);
  const change = (part: Record<string, string>): void => route.go(pathOf("runs", { ...query, q: text, ...part }));

  async function more(): Promise<void> {
    if (limit < FRESH) return setLimit(Math.min(limit + PAGE, FRESH));
    let answer: { entries: RunEntry[]; problem?: string };
    try {
      answer = await gateway.read<RunsResult>("runs", { ...filter, limit: PAGE, offset: runs.length });
    } catch (error) {
      answer = { entries: [], problem: error instanceof Error ? error.message : String(error) };
    }
    // Others may be asked for by now.
    if (asked.current !== key) return;
    setRefused(answer.problem);
    setOlder((before) => together(runs, before, answer.entries));
  }

  return (
    <>
      <div class="bar">
        <SearchField label="Text in name, error or summary" value={text} onValue={setText} />
        <Choice label="Which runs" value={state} options={STATES} onValue={(word) => change({ state: word })} />
        <Choice label="Since when" value={days} options={DAYS} onValue={(word) => change({ days: word })} />
        <span class="quiet bar-count" role="status">
          {value === undefined ? "reading…" : `${runs.length} of ${count(value.total, "run")}`}
        </span>
      </div>
      <Problem text={problem ?? refused} />
      {value !== undefined && runs.length === 0 && !loading ? (
        <Empty title={state === "all" && wanted === "" && days === "any" ? "Nothing has run yet." : "No run fits."} />
      ) : null}
      <RunList runs={runs} nowMs={now} open={open} onOpen={setOpen} named />
      {value !== undefined && runs.length < value.total ? (
        <button type="button" disabled={loading} onClick={() => void more()}>
          Earlier runs
        </button>
      ) : null}
      <Help>
        <p>
          Every decision to run a job, the newest first: also those that were skipped, and times that passed while
          nothing could run. Click one for why, what it printed, and whether its message arrived.
        </p>
      </Help>
    </>
  );
}
