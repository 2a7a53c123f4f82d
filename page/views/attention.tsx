import { useEffect, useRef, useState } from "preact/hooks";
import type { DoctorResult } from "../../schema/wire/calls/service.ts";
import { useMatters } from "../data/matters.ts";
import { useAddress, useNow, usePage } from "../data/page.ts";
import { codeText, type Matter } from "../logic/attention.ts";
import { readable } from "../logic/output.ts";
import { Empty, Help, To, When } from "../parts/common.tsx";
import { Deeds } from "../parts/deeds.tsx";
import { Mark, MatterMark } from "../parts/mark.tsx";

export function AttentionView() {
  const now = useNow(15_000);
  const { all, known, status } = useMatters();
  const asking = all.filter(({ untilMs }) => untilMs !== undefined);
  const waiting = all.filter(({ tone, untilMs }) => tone !== "quiet" && untilMs === undefined);
  const read = all.filter(({ tone }) => tone === "quiet");
  return (
    <>
      {asking.length === 0 ? null : (
        <section>
          <h2>To be approved</h2>
          <MatterList matters={asking} nowMs={now} />
        </section>
      )}
      {asking.length > 0 && waiting.length === 0 ? null : (
        <section>
          <h2>{asking.length > 0 ? "To be looked at" : "Waiting for you"}</h2>
          {!known ? <p class="quiet">Reading…</p> : null}
          {known && waiting.length === 0 ? (
            <Empty title="Nobody and nothing waits for you.">
              <p>
                No job is failing, every message has arrived or is on its way, and the service is{" "}
                {status?.state === "running" ? "well" : status?.state}.
              </p>
            </Empty>
          ) : null}
          <MatterList matters={waiting} nowMs={now} />
        </section>
      )}
      {read.length === 0 ? null : (
        <section>
          <h2>To know</h2>
          <MatterList matters={read} nowMs={now} />
        </section>
      )}
      <Doctor />
      <Help>
        <p>
          What only a person can settle: runs that ask to be approved, jobs that keep failing or were switched off,
          messages that were given up or of which nobody knows whether they arrived, lanes that stand still, and
          problems of the service itself. Each says why, since when, and what to do. The number at “Attention” counts
          them.
        </p>
      </Help>
    </>
  );
}

const MatterList = ({ matters, nowMs }: { matters: readonly Matter[]; nowMs: number }) => (
  <ul class="matters">
    {matters.map((matter) => (
      <MatterRow key={matter.key} matter={matter} nowMs={nowMs} />
    ))}
  </ul>
);

function MatterRow({ matter, nowMs }: { matter: Matter; nowMs: number }) {
  const { title, text, command, quote, tone, sinceMs, jobId, deeds } = matter;
  return (
    <li class={`matter edge-${tone}`}>
      <MatterMark matter={matter} />
      <div class="matter-text">
        <p>
          {jobId === undefined ? (
            <strong>{title}</strong>
          ) : (
            <To view="job" id={jobId}>
              <strong>{title}</strong>
            </To>
          )}{" "}
          {sinceMs === undefined ? null : (
            <span class="quiet nowrap">
              since <When atMs={sinceMs} nowMs={nowMs} />
            </span>
          )}
        </p>
        {command === undefined ? null : <code class="pre">{command}</code>}
        {text === "" ? null : <p class="pre">{text}</p>}
        {quote === undefined ? null : (
          <pre class="text" dir="auto">
            {readable(quote)}
          </pre>
        )}
        <Deeds deeds={deeds} about={title} />
      </div>
    </li>
  );
}

type Findings = DoctorResult["findings"];
const TONE = { ok: "ok", warn: "warn", error: "bad" } as const;
const MARK = { ok: "succeeded", warn: "missed", error: "failed" } as const;

const GRAVITY = ["error", "warn", "ok"];
const gravestFirst = (findings: Findings): Findings =>
  [...findings].sort((a, b) => GRAVITY.indexOf(a.level) - GRAVITY.indexOf(b.level));

/** The checks of `doctor`, when asked for: they look at the whole ledger. */
function Doctor() {
  const { gateway } = usePage();
  const [findings, setFindings] = useState<Findings>();
  const [note, setNote] = useState("");
  async function look(): Promise<void> {
    setNote("Looking…");
    try {
      setFindings((await gateway.read<DoctorResult>("doctor")).findings);
      setNote("");
    } catch (error) {
      setNote(error instanceof Error ? error.message : String(error));
    }
  }
  // Who asks how the service is sees it at once.
  const section = useRef<HTMLElement>(null);
  const wanted = useAddress().query["see"] === "service";
  useEffect(() => {
    if (wanted) void look().then(() => section.current?.scrollIntoView());
  }, [wanted]);
  return (
    <section ref={section} class="checks">
      <h2>Service health</h2>
      <p>
        <button type="button" onClick={() => void look()}>
          Run all checks
        </button>{" "}
        <span role="status" class="quiet">
          {note}
        </span>
      </p>
      <ul class="plain">
        {gravestFirst(findings ?? []).map(({ check, level, detail, action }) => (
          <li key={`${check} ${detail}`}>
            <Mark status={MARK[level]} tone={TONE[level]} label={level} />{" "}
            <strong>{/^[A-Z_]+$/.test(check) ? codeText(check) : check}</strong>: {detail}
            {action === undefined ? "" : ` — ${action}`}
          </li>
        ))}
      </ul>
    </section>
  );
}
