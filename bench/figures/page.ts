import { readFile } from "node:fs/promises";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import { buildAll } from "../../scripts/build.ts";
import type { Engine } from "../../src/engine/index.ts";
import { forwardEvents } from "../../src/host/events.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { HOUR_MS, MINUTE_MS } from "../../src/kernel/durations.ts";
import { createEvents } from "../../src/kernel/events.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import { FIRST_ALERTS, FIRST_LIST } from "../../src/kernel/page.ts";
import { PAGE_ROUTES, type Page, type PageRoute } from "../../src/page/api.ts";
import { createPage, type PageOptions } from "../../src/page/index.ts";
import { createDispatcher, type Dispatcher } from "../../src/rpc/index.ts";
import { hasChromium, launchBrowser, signIn } from "../../test/helpers/browser.ts";
import { startTestEngine } from "../../test/helpers/engine.ts";
import { startPageServer } from "../../test/helpers/page.ts";
import type { Bench } from "../lib/bench.ts";
import { cpuOf, medianCpuOf } from "../lib/cpu.ts";
import { figure, type Recorder } from "../lib/figure.ts";
import { fillerId, fillJobs, fillRuns } from "../lib/fill.ts";
import { cloneNativeJobs } from "../lib/native-store.ts";
import { repeat } from "../lib/repeat.ts";
import { measureBeside, openScreen } from "../lib/screen.ts";
import { inTempDir } from "../lib/temp-dir.ts";

const JOBS = 1_000;
const RUNS = 100_000;
const ROUNDS = 5;
const TIMES = 15;
const TABS = 100;
const IDLE_MS = 60_000;
const DOCUMENT = join(import.meta.dirname, "../../dist/page/index.html");

/** Rows that fit on a screen. */
const SEEN = 40;
const ids = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => fillerId(from + index));

type View = "timeline" | "jobs" | "job" | "runs" | "messages" | "attention";
type Read = readonly [method: string, params: object];

/** What each view asks for when it is opened, as the client in `page/` asks. The list of jobs is read once for all of them. */
function readsOf(nowMs: number): Record<View, Read[]> {
  const always: Read[] = [
    ["status", {}],
    ["alerts", FIRST_ALERTS],
  ];
  const rest = [0, 200, 400, 600, 800].map((offset) => offset + FIRST_LIST.limit);
  const list: Read[] = [
    ["list", FIRST_LIST],
    ...rest.map((offset): Read => ["list", { ...FIRST_LIST, limit: 200, offset }]),
  ];
  const day = { sinceMs: nowMs - 18 * HOUR_MS, untilMs: nowMs + 6 * HOUR_MS, slotMs: 5 * MINUTE_MS };
  const id = fillerId(7);
  return {
    timeline: [...always, ...list, ["timeline", { ids: ids(0, SEEN), ...day }]],
    jobs: [...always, ...list, ["timeline", { ids: ids(0, SEEN), ...day, slotMs: 10 * MINUTE_MS }]],
    job: [
      ...always,
      ["get", { id }],
      ["next", { id, count: 5 }],
      ["runs", { id, limit: 200 }],
      ["alerts", { id, openOnly: false }],
    ],
    runs: [...always, ["runs", { limit: 50 }]],
    messages: [...always, ["lanes", {}], ["deliveries", { limit: 50 }]],
    attention: always,
  };
}

type ScreenRow = "draw-script" | "draw-wall" | "key-timeline" | "key-jobs" | "event-screen";
type BesideRow = "ours-open" | "native-open" | "ours-find" | "native-find";
type PageRow = `cpu-${View}` | "hold" | "document-cpu" | "document-size" | "idle-tabs" | ScreenRow | BesideRow;

export const page = figure<PageRow>({
  name: "page",
  title: "The page",
  rows: {
    "cpu-timeline": { label: "server CPU of opening the timeline, with the list of 1,000 jobs", unit: "ms" },
    "cpu-jobs": { label: "the list of jobs, from nothing", unit: "ms" },
    "cpu-job": { label: "one job", unit: "ms" },
    "cpu-runs": { label: "runs", unit: "ms" },
    "cpu-messages": { label: "messages", unit: "ms" },
    "cpu-attention": { label: "attention", unit: "ms" },
    hold: { label: "longest that one answer of any view holds the event loop", unit: "ms" },
    "document-cpu": { label: "server CPU of one load of the document, compressed", unit: "ms" },
    "document-size": { label: "document, compressed", unit: "kB" },
    "idle-tabs": { label: "100 open pages in which nothing happens, both ends in one process, CPU", unit: "%" },
    "draw-script": { label: "Chromium, from nothing to the timeline: CPU of its scripts", unit: "ms" },
    "draw-wall": { label: "the same by the clock", unit: "ms" },
    "key-timeline": {
      label: "a key in the search of the timeline until it is drawn, CPU, the dearest of a word",
      unit: "ms",
    },
    "key-jobs": { label: "the same in the list of jobs", unit: "ms" },
    "event-screen": { label: "from asking for a run until it stands in an open list of runs", unit: "ms" },
    "ours-open": {
      label: "Control UI, from the side bar until our timeline of 1,000 jobs and those stands there",
      unit: "ms",
    },
    "native-open": { label: "the same until the gateway's own list of its 1,000 jobs does", unit: "ms" },
    "ours-find": { label: "a word in our search until the jobs of that name are left", unit: "ms" },
    "native-find": { label: "a word in the gateway's own search until the job of that name is left", unit: "ms" },
  },
  plots: [],
  async measure(bench, record) {
    await buildAll();
    record("document-size", gzipSync(await readFile(DOCUMENT)).length / 1_000);
    await inTempDir("page", async (stateDir) => {
      const dir = join(stateDir, "ledger");
      fillJobs(dir, JOBS, fillerId);
      fillRuns(dir, bench.quick ? RUNS / 10 : RUNS, JOBS);
      const test = await startTestEngine({ deps: { stateDir, clock: systemClock } });
      try {
        const dispatcher = createDispatcher(() => test.engine);
        const rounds = bench.quick ? 1 : ROUNDS;
        await repeat(rounds, () => measureViews(dispatcher, record));
        await measureIdle(dispatcher, bench.quick ? IDLE_MS / 4 : IDLE_MS, record);
        test.runner.auto = true;
        if (hasChromium) await measureScreen(test.engine, dispatcher, rounds, record);
      } finally {
        await test.stop();
      }
    });
    if (hasChromium) await measureListsBeside(bench, record);
  },
});

async function measureViews(dispatcher: Dispatcher, record: Recorder<PageRow>): Promise<void> {
  const page = createPage({
    file: DOCUMENT,
    version: "bench",
    clock: systemClock,
    dispatcher,
    engine: {} as PageOptions["engine"],
    events: createEvents(silentLogger),
  });
  /** Of each answer the shortest, which no other process lengthened. */
  const holds = new Map<string, number>();
  const ask = async (route: PageRoute, path: string): Promise<Buffer> => {
    const since = performance.now();
    setImmediate(() =>
      holds.set(path, Math.min(performance.now() - since, holds.get(path) ?? Number.POSITIVE_INFINITY)),
    );
    return await asked(page, route, path);
  };
  record("document-cpu", await medianCpuOf(() => ask("document", PAGE_ROUTES.document.path), TIMES, TIMES));
  const [, ticket = ""] = /"ticket":"([^"]+)"/.exec(gunzipSync(await ask("document", "/")).toString()) ?? [];
  for (const [view, reads] of Object.entries(readsOf(Date.now())) as [View, Read[]][]) {
    const open = async (): Promise<void> => {
      for (const [method, params] of reads) {
        const query = new URLSearchParams({ ticket, params: JSON.stringify(params) });
        await ask("read", `${PAGE_ROUTES.read.path}/${method}?${query}`);
      }
    };
    record(`cpu-${view}`, await medianCpuOf(open, TIMES, TIMES));
  }
  record("hold", Math.max(...holds.values()));
  page.close();
}

/** Asks the page without a network between: what is counted is the server's work alone, with compression. */
function asked(page: Page, route: PageRoute, url: string): Promise<Buffer> {
  const request = Object.assign(new IncomingMessage(new Socket()), {
    method: "GET",
    url,
    headers: { "accept-encoding": "gzip" },
  });
  return new Promise((resolve, reject) => {
    const response = new ServerResponse(request);
    response.end = (body?: unknown) => {
      if (response.statusCode === 200) resolve(body as Buffer);
      else reject(new Error(`${url}: ${response.statusCode}`));
      return response;
    };
    void page.handle(route, request, response);
  });
}

/** In Chromium, without a gateway between. */
async function measureScreen(
  engine: Engine,
  dispatcher: Dispatcher,
  rounds: number,
  record: Recorder<ScreenRow>,
): Promise<void> {
  const server = await startPageServer({ dispatcher, clock: systemClock, file: DOCUMENT });
  const stop = forwardEvents(engine.events, systemClock, (change) => server.page.changed(change));
  const browser = await launchBrowser();
  try {
    for (let round = 0; round < rounds; round += 1) {
      const screen = await openScreen(browser, server.url);
      const { scriptMs, wallMs } = await screen.draw();
      record("draw-script", scriptMs);
      record("draw-wall", wallMs);
      record("key-timeline", await screen.key("timeline"));
      record("key-jobs", await screen.key("jobs"));
      const run = () => dispatcher.dispatch("cron.command.run", { id: fillerId(round) }, { label: "bench" });
      record("event-screen", await screen.eventToScreen(`filler ${round}`, run));
      await screen.close();
    }
  } finally {
    await browser.close();
    stop();
    await server.close();
  }
}

/** In the Control UI of a real gateway: our list of jobs, and its own of as many. */
async function measureListsBeside(bench: Bench, record: Recorder<BesideRow>): Promise<void> {
  await bench.retireGateway();
  const bed = await bench.gateway();
  const { id } = await bed.native.add({ argv: ["true"] });
  await bed.offline(() => {
    cloneNativeJobs(bed.gateway.stateDir, id, JOBS);
    fillJobs(join(bed.gateway.stateDir, "command-cron", "ledger"), JOBS);
  });
  await bed.native.update(id, { name: "filler 777" });
  const browser = await launchBrowser();
  try {
    for (let round = 0; round < (bench.quick ? 2 : ROUNDS + 1); round += 1) {
      const page = await signIn(browser, bed.gateway, "/overview");
      // What the Control UI still does after its start is neither's, and who comes second finds more of it loaded.
      await page.waitForLoadState("networkidle").catch(() => {});
      for (const whose of round % 2 === 0 ? (["ours", "native"] as const) : (["native", "ours"] as const)) {
        const { openMs, findMs } = await measureBeside(page, LISTS[whose]);
        record(`${whose}-open`, openMs);
        record(`${whose}-find`, findMs);
      }
      await page.context().close();
    }
  } finally {
    await browser.close();
    await bench.retireGateway();
  }
}

const LISTS = {
  /** Has the gateway's own jobs as well. */
  ours: {
    link: "Command Cron",
    framePath: PAGE_ROUTES.document.path,
    there: 'document.querySelectorAll(".lane").length > 5',
    search: 'input[type="search"]',
    word: "filler 777",
    found: '/^\\d\\d? of 2,\\d+ jobs/.test(document.querySelector(".bar-count")?.textContent)',
  },
  native: {
    link: "Automations",
    there: "/\\bbench\\b/.test(document.body.innerText)",
    search: 'input[aria-label="Search automations"]',
    word: "filler 777",
    found: 'document.body.innerText.includes("filler 777") && !/\\bbench\\b/.test(document.body.innerText)',
  },
};

async function measureIdle(dispatcher: Dispatcher, forMs: number, record: Recorder<PageRow>): Promise<void> {
  const server = await startPageServer({ dispatcher, clock: systemClock });
  try {
    const { ticket } = await server.open();
    await Promise.all(Array.from({ length: TABS }, () => server.get(`${PAGE_ROUTES.events.path}?ticket=${ticket}`)));
    record("idle-tabs", (100 * (await cpuOf(() => sleep(forMs)))) / forMs);
  } finally {
    await server.close();
  }
}
