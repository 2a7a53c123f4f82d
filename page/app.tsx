import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { JobStore } from "./data/jobs.ts";
import { LaneStore } from "./data/lanes.ts";
import { MattersContext, useMattersRead } from "./data/matters.ts";
import { type Page, PageContext, useAddress, useNow, usePage } from "./data/page.ts";
import type { Connection, Gateway } from "./gateway.ts";
import { addressOf, type View } from "./logic/address.ts";
import { troubleText, urgent } from "./logic/attention.ts";
import { clockText, zoneText } from "./logic/time.ts";
import { To } from "./parts/common.tsx";
import type { Route } from "./route.ts";
import { AttentionView } from "./views/attention.tsx";
import { JobView } from "./views/job.tsx";
import { JobsView } from "./views/jobs.tsx";
import { MessagesView } from "./views/messages.tsx";
import { RunsView } from "./views/runs.tsx";
import { TimelineView } from "./views/timeline.tsx";

interface AppProps {
  gateway: Gateway;
  route: Route;
  version: string;
}

const TITLES: Record<Exclude<View, "job">, string> = {
  timeline: "Timeline",
  jobs: "Jobs",
  runs: "Runs",
  messages: "Messages",
  attention: "Attention",
};

/** The whole page; `gateway` and `route` say whether it stands in a frame or in the Control UI itself. */
export function App({ gateway, route, version }: AppProps) {
  const page = useMemo<Page>(() => {
    const jobs = new JobStore(gateway);
    return { gateway, route, jobs, lanes: new LaneStore(gateway, (rows) => jobs.update(rows)) };
  }, [gateway, route]);
  return (
    <PageContext.Provider value={page}>
      <Frame version={version} />
    </PageContext.Provider>
  );
}

function Frame({ version }: { version: string }) {
  const { view, id } = useAddress();
  const top = useScrolledUp(view, id);
  const now = useNow(30_000);
  const matters = useMattersRead();
  const waiting = urgent(matters.all);
  const { gateway } = usePage();
  const state = matters.status?.state;
  const trouble = troubleText(matters.status);
  const readOnly = gateway.act === undefined;
  return (
    <div class="page" ref={top}>
      <header class="top">
        <h1>Command Cron</h1>
        <nav aria-label="Views">
          {(Object.entries(TITLES) as [keyof typeof TITLES, string][]).map(([name, title]) => (
            <To
              key={name}
              view={name}
              class={name === view || (name === "jobs" && view === "job") ? "tab here" : "tab"}
            >
              {title}
              {name === "attention" && waiting > 0 ? (
                <span class="badge">
                  {waiting}
                  <span class="unseen"> waiting</span>
                </span>
              ) : null}
            </To>
          ))}
        </nav>
        {state === undefined || state === "running" ? null : (
          <To view="attention" query={{ see: "service" }} class="service tone-bad clip" title={trouble}>
            {trouble}
          </To>
        )}
        {readOnly ? (
          <span class="read-only quiet" title="This page changes nothing; it shows the commands that do.">
            read only
          </span>
        ) : null}
      </header>
      <ConnectionNote />
      <main>
        <MattersContext.Provider value={matters}>
          <CurrentView view={view} id={id} />
        </MattersContext.Provider>
      </main>
      <footer class="quiet">
        Times are in {zoneText(now)} · {version}
      </footer>
    </div>
  );
}

/** Another view begins at its top; one that is gone back to stands where it stood. */
function useScrolledUp(view: View, id: string) {
  const { route } = usePage();
  const top = useRef<HTMLDivElement>(null);
  const went = useRef(false);
  const left = useRef(new Map<string, number>());
  useEffect(
    () =>
      route.onGo((to) => {
        const next = addressOf(to);
        went.current = next.view !== view || next.id !== id;
        left.current.set(route.path(), scrollY);
      }),
    [route, view, id],
  );
  useLayoutEffect(() => {
    if (went.current) top.current?.scrollIntoView();
    else scrollTo(0, left.current.get(route.path()) ?? 0);
    went.current = false;
  }, [view, id]);
  return top;
}

function CurrentView({ view, id }: { view: View; id: string }) {
  switch (view) {
    case "timeline":
      return <TimelineView />;
    case "jobs":
      return <JobsView />;
    case "job":
      return <JobView key={id} id={id} />;
    case "runs":
      return <RunsView />;
    case "messages":
      return <MessagesView />;
    case "attention":
      return <AttentionView />;
  }
}

/** Says when the gateway is away, and since when what is shown has not been told anew. */
function ConnectionNote() {
  const { gateway } = usePage();
  const [lostAt, setLostAt] = useState<number>();
  useEffect(
    () =>
      gateway.onConnection((connection: Connection) =>
        setLostAt((before) => (connection === "live" ? undefined : (before ?? gateway.now()))),
      ),
    [gateway],
  );
  return (
    <div role="status">
      {lostAt === undefined ? null : (
        <p class="problem">
          The gateway does not answer since {clockText(lostAt)}. What you see is from then; this page goes on by itself
          as soon as it is back.
        </p>
      )}
    </div>
  );
}
