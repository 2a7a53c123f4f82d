import type { Browser, CDPSession, Page } from "playwright-core";
import { PAGE_ROUTES } from "../../src/page/api.ts";
import { TOKEN } from "../../test/helpers/page.ts";
import { waitFor } from "../../test/helpers/wait-for.ts";

/** A page of ours in Chromium, over the page's own server. */
interface Screen {
  /** From nothing until the lanes are drawn, ms: CPU of the scripts, and by the clock. */
  draw(): Promise<{ scriptMs: number; wallMs: number }>;
  /** What the page's thread computes for a key in the search of a view until it is drawn, ms of CPU; the dearest of a word. */
  key(view: "timeline" | "jobs"): Promise<number>;
  /** From `work`, which starts a run of the job of this name, until the list of runs shows it, ms. */
  eventToScreen(name: string, work: () => Promise<unknown>): Promise<number>;
  close(): Promise<void>;
}

export async function openScreen(browser: Browser, url: string): Promise<Screen> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, extraHTTPHeaders: headers });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  // CPU of the page's own thread: what else the machine does is not in it.
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const address = `${url}${PAGE_ROUTES.document.path}`;
  return {
    async draw() {
      await page.goto(address);
      const wallMs = await shown(page, '[...document.querySelectorAll(".lane svg path")].length > 5');
      return { scriptMs: await spent(session, "ScriptDuration"), wallMs };
    },
    async key(view) {
      await page.evaluate(`location.hash = "#/${view}"`);
      await page.locator('input[type="search"]').first().waitFor();
      await page.waitForFunction(`document.querySelector(".bar-count").textContent === "1,000 jobs"`);
      let dearest = 0;
      for (let length = 1; length <= 8; length += 1) {
        const before = await spent(session, "TaskDuration");
        await page.evaluate(typing("filler 7".slice(0, length)));
        dearest = Math.max(dearest, (await spent(session, "TaskDuration")) - before);
      }
      await page.evaluate(typing(""));
      return dearest;
    },
    async eventToScreen(name, work) {
      await page.evaluate('location.hash = "#/runs"');
      await page.locator(".run-head").first().waitFor();
      // What changed a moment ago is read before the next thing is told.
      await page.waitForTimeout(3_000);
      const seen = page.evaluate<number>(appears(name));
      const since = Date.now();
      await work();
      return (await seen) - since;
    },
    close: () => context.close(),
  };
}

const spent = async (session: CDPSession, what: "ScriptDuration" | "TaskDuration"): Promise<number> => {
  const { metrics } = await session.send("Performance.getMetrics");
  return 1_000 * (metrics.find(({ name }) => name === what)?.value ?? Number.NaN);
};

/** When this is so for the first time, by the clock of the document. */
const shown = (page: Page, condition: string): Promise<number> =>
  waitFor(
    () =>
      page
        .evaluate<number>(
          `new Promise((done) => {
            const look = () => (${condition} ? done(performance.now()) : requestAnimationFrame(look));
            look();
          })`,
        )
        .catch(() => undefined),
    { what: condition },
  );

/** Puts a text into the field as a key does; resolves when it is drawn. */
const typing = (text: string): string => `new Promise((done) => {
  const field = document.querySelector('input[type="search"]');
  field.value = ${JSON.stringify(text)};
  field.dispatchEvent(new Event("input", { bubbles: true }));
  requestAnimationFrame(() => setTimeout(() => done()));
})`;

/** Resolves, by the clock on the wall, when the newest run on the list is of this job. */
const appears = (name: string): string => `new Promise((done) => {
  const isThere = () => document.querySelector(".run-name")?.textContent === ${JSON.stringify(name)};
  const observer = new MutationObserver(() => {
    if (!isThere()) return;
    observer.disconnect();
    done(Date.now());
  });
  observer.observe(document.querySelector("main"), { childList: true, subtree: true, characterData: true });
})`;

/** From a click in the side bar of the Control UI until a list of so many jobs stands there, and from a word in its search until one is left. */
export interface Beside {
  openMs: number;
  findMs: number;
}

interface ListOf {
  /** Of the link in the side bar. */
  link: string;
  /** Of the frame in which it stands, where it stands in one. */
  framePath?: string;
  /** True in the frame or page of the list once it is there. */
  there: string;
  search: string;
  /** A word that one job bears, and what is true when it alone is left. */
  word: string;
  found: string;
}

export async function measureBeside(page: Page, list: ListOf): Promise<Beside> {
  const { framePath } = list;
  const place = (): Pick<Page, "evaluate" | "locator"> | undefined =>
    framePath === undefined ? page : page.frames().find((frame) => frame.url().includes(framePath));
  const until = (condition: string): Promise<unknown> =>
    waitFor(
      () =>
        place()
          ?.evaluate<boolean>(condition)
          .catch(() => false),
      { everyMs: 4, timeoutMs: 120_000, what: condition },
    );
  const link = page.getByRole("link", { name: list.link, exact: true }).first();
  await link.waitFor();
  let since = performance.now();
  await link.click();
  await until(list.there);
  const openMs = performance.now() - since;
  const search = place()?.locator(list.search).first();
  await search?.waitFor();
  since = performance.now();
  await search?.fill(list.word);
  await until(list.found);
  return { openMs, findMs: performance.now() - since };
}
