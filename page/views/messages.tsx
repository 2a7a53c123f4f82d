import { useState } from "preact/hooks";
import type { DeliveriesResult, LanesResult } from "../../schema/wire/calls/told.ts";
import type { DeliveryEntry } from "../../schema/wire/delivery.ts";
import { useMatters } from "../data/matters.ts";
import { useAddress, useNow, usePage, useRead } from "../data/page.ts";
import { useStore } from "../data/store.ts";
import { pathOf } from "../logic/address.ts";
import type { Status } from "../logic/attention.ts";
import { laneDeed, messageDeeds } from "../logic/commands.ts";
import { wordOf } from "../logic/filter.ts";
import { readable, readableLine } from "../logic/output.ts";
import { count, laneText, type MarkStatus, type Tone } from "../logic/states.ts";
import { agoText, exactClockText, instantText } from "../logic/time.ts";
import { Choice, Empty, Help, Problem, Row, RowHead, To } from "../parts/common.tsx";
import { Deeds } from "../parts/deeds.tsx";
import { Mark } from "../parts/mark.tsx";

const FILTERS = {
  open: "pending",
  all: "all messages",
  sent: "sent",
  dead: "given up",
  unknown: "delivery unknown",
  suppressed: "not needed",
} as const;
type Filter = keyof typeof FILTERS;

const WORDS: Record<DeliveryEntry["state"], { word: string; tone: Tone; status: MarkStatus }> = {
  pending: { word: "waits", tone: "live", status: "queued" },
  sending: { word: "is being sent", tone: "live", status: "running" },
  sent: { word: "sent", tone: "ok", status: "succeeded" },
  suppressed: { word: "not needed", tone: "quiet", status: "skipped" },
  dead: { word: "given up", tone: "bad", status: "failed" },
  unknown: { word: "unknown", tone: "warn", status: "missed" },
};

export function MessagesView() {
  const { route } = usePage();
  const { query } = useAddress();
  const now = useNow(5_000);
  const filter = wordOf(FILTERS, query["state"], "open");
  const lane = query["lane"];
  const [limit, setLimit] = useState(50);
  const [open, setOpen] = useState<string>();
  const params = {
    limit,
    ...(filter === "all" ? {} : { state: filter }),
    ...(lane === undefined ? {} : { destination: lane }),
  };
  const { value, problem } = useRead<DeliveriesResult>("deliveries", params, ["deliveries"]);
  const known = useRead<LanesResult>("lanes", { all: true }, ["deliveries", "jobs"]).value;
  const lanes = known?.lanes ?? [];
  const counts = useMatters().status?.deliveries;
  const options = Object.fromEntries(
    Object.entries(FILTERS).map(([word, text]) => {
      const many = counts?.[word as keyof typeof counts];
      return [word, many === undefined ? text : `${text} (${many.toLocaleString("en")})`];
    }),
  ) as Record<Filter, string>;
  /** What keeps the first message of a lane; those behind it wait for nothing but that. */
  const failing = new Map(
    (value?.deliveries ?? []).flatMap(({ lane, state, reason }) =>
      state === "pending" && reason !== undefined ? [[lane, reason] as const] : [],
    ),
  );
  const change = (part: Record<string, string | undefined>): void =>
    route.go(pathOf("messages", { state: filter, lane, ...part }));
  return (
    <>
      <section>
        <h2>Where messages go</h2>
        {known !== undefined && lanes.length === 0 ? <Empty title="No job sends messages." /> : null}
        <ul class="lane-cards">
          {lanes.map((entry) => (
            <LaneCard
              key={entry.lane}
              lane={entry}
              failing={failing.get(entry.lane)}
              nowMs={now}
              chosen={entry.lane === lane}
              onChoose={() => change({ lane: entry.lane === lane ? undefined : entry.lane })}
            />
          ))}
        </ul>
      </section>
      <section>
        <h2>Messages{lane === undefined ? "" : ` to ${laneText(lane)}`}</h2>
        <div class="bar">
          <Choice label="Which messages" value={filter} options={options} onValue={(state) => change({ state })} />
          <span class="quiet bar-count" role="status">
            {value === undefined ? "reading…" : count(value.total, "message")}
          </span>
        </div>
        <Problem text={problem} />
        {value !== undefined && value.deliveries.length === 0 ? (
          <Empty title={filter === "open" ? "Nothing waits." : "No message fits."} />
        ) : null}
        <RowHead names={["State", "Job", "Made", "Kind", "Why, and where to"]} named />
        <ul class="rows">
          {(value?.deliveries ?? []).map((message) => (
            <MessageRow
              key={message.deliveryId}
              message={message}
              behind={message.state === "pending" && message.reason === undefined && failing.has(message.lane)}
              nowMs={now}
              open={open === message.deliveryId}
              onOpen={() => setOpen(open === message.deliveryId ? undefined : message.deliveryId)}
            />
          ))}
        </ul>
        {value?.hasMore === true && limit < 200 ? (
          <button type="button" onClick={() => setLimit(200)}>
            More messages
          </button>
        ) : null}
      </section>
      <Help>
        <p>
          Each place that messages go to has a lane of its own: what waits in one never holds up another, and within one
          the oldest goes first. A message that could not be sent is tried again, later and later, for hours. “Unknown”
          means that something broke off between sending and the answer: it is never sent twice by itself, so a person
          says whether it arrived.
        </p>
      </Help>
    </>
  );
}

type LaneEntry = Status["lanes"][number];

const stoppedAtMs = ({ disabledAtMs, pausedAtMs }: LaneEntry): number | undefined => disabledAtMs ?? pausedAtMs;

function laneMark(lane: LaneEntry, failing: string | undefined): { status: MarkStatus; tone: Tone } {
  if (stoppedAtMs(lane) !== undefined || failing !== undefined) return { status: "missed", tone: "warn" };
  return lane.pending > 0 ? { status: "queued", tone: "live" } : { status: "succeeded", tone: "ok" };
}

/** How a lane stands; `failing`: why its first message could not be sent. */
function laneWords(lane: LaneEntry, failing: string | undefined, nowMs: number): string {
  const atMs = stoppedAtMs(lane);
  if (atMs !== undefined) {
    return `${lane.disabledAtMs === undefined ? "paused" : "closed by the receiver"} since ${instantText(atMs, nowMs)}`;
  }
  if (lane.pending === 0) return "nothing waits";
  return failing === undefined ? "open" : "refuses";
}

function LaneCard({
  lane,
  failing,
  nowMs,
  chosen,
  onChoose,
}: {
  lane: LaneEntry;
  failing: string | undefined;
  nowMs: number;
  chosen: boolean;
  onChoose(): void;
}) {
  return (
    <li class="lane-card">
      <p>
        <Mark {...laneMark(lane, failing)} />{" "}
        <strong class="clip" title={lane.lane}>
          {laneText(lane.lane, lane.names)}
        </strong>
      </p>
      <p class="quiet">
        {laneWords(lane, failing, nowMs)}
        {lane.pending === 0 ? "" : `, ${count(lane.pending, "message")} waiting`}
        {lane.oldestAtMs === undefined ? "" : `, the oldest ${agoText(lane.oldestAtMs, nowMs)}`}
      </p>
      {(lane.reason ?? failing) === undefined ? null : <p class="why">{lane.reason ?? failing}</p>}
      <div class="deeds">
        <button
          type="button"
          class="small"
          aria-pressed={chosen}
          aria-label={`Show its messages: ${lane.lane}`}
          onClick={onChoose}
        >
          Show its messages
        </button>
        <Deeds deeds={[laneDeed(lane)]} about={lane.lane} />
      </div>
    </li>
  );
}

function MessageRow({
  message,
  behind,
  nowMs,
  open,
  onOpen,
}: {
  message: DeliveryEntry;
  /** One before it in its lane could not be sent. */
  behind: boolean;
  nowMs: number;
  open: boolean;
  onOpen(): void;
}) {
  const { jobs } = usePage();
  const { byId } = useStore(jobs);
  const job = message.jobId === undefined ? undefined : byId.get(message.jobId)?.job;
  const about = job?.displayName ?? job?.name ?? readableLine((message.text ?? message.kind).split("\n")[0] ?? "");
  const next = message.nextAttemptAtMs;
  const waits =
    message.state === "pending" && next !== undefined && next > nowMs ? `next try ${instantText(next, nowMs)}` : "";
  const why = [
    message.reason ?? "",
    waits,
    behind ? "behind an earlier message that could not be sent" : "",
    message.custody === undefined ? "" : "the gateway keeps it and sends it",
    `to ${laneText(message.lane)}`,
  ];
  return (
    <li class={open ? "row open" : "row"}>
      <Row
        {...WORDS[message.state]}
        {...{ nowMs, open, onOpen }}
        name={about}
        atMs={message.createdAtMs}
        took={message.kind}
        why={why.filter((part) => part !== "").join(" · ")}
      >
        {open ? (
          <div class="run-facts">
            <p>
              {message.jobId === undefined ? null : (
                <To view="job" id={message.jobId} query={{ run: message.runId }}>
                  {message.runId === undefined ? "The job" : "The run it is about"}
                </To>
              )}
            </p>
            <Deeds deeds={messageDeeds(message)} about={`message to ${laneText(message.lane)}`} />
            {message.tries === undefined ? null : (
              <ul class="plain">
                {message.tries.map(({ atMs, result, detail }) => (
                  <li key={atMs}>
                    {instantText(atMs, nowMs)}:{exactClockText(atMs).slice(-2)} {result}
                    {detail === undefined ? "" : `: ${detail}`}
                  </li>
                ))}
              </ul>
            )}
            <h3>Text</h3>
            <pre class="text" dir="auto">
              {readable(message.text ?? "")}
            </pre>
          </div>
        ) : null}
      </Row>
    </li>
  );
}
