import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundlePage } from "../../scripts/build.ts";
import { PAGE_ROUTES } from "../../src/page/api.ts";
import { hasChromium, launchBrowser, picture, violations } from "../helpers/browser.ts";
import { TOKEN } from "../helpers/page.ts";
import { openWorld, type World } from "../helpers/world/open.ts";

const MODES = { light: 1280, dark: 1280, phone: 390 } as const;

describe.runIf(hasChromium)("every view of the page over a morning with seventy jobs", () => {
  let dir: string;
  let file: string;
  let world: World;
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "cc-views-"));
    file = join(dir, "page", "index.html");
    await bundlePage(dir);
    world = await openWorld({ file });
    browser = await launchBrowser();
    page = await openPage(world);
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  /** The browser's clock is that of today, weeks off. */
  async function openPage({ server }: World): Promise<Page> {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      timezoneId: "UTC",
      extraHTTPHeaders: { authorization: `Bearer ${TOKEN}` },
    });
    const opened = await context.newPage();
    opened.on("pageerror", (error) => problems.push(error.message));
    opened.on("console", (said) => {
      if (said.type() === "error") problems.push(said.text());
    });
    await opened.goto(`${server.url}${PAGE_ROUTES.document.path}`);
    await opened.getByRole("navigation").waitFor();
    return opened;
  }

  const jobAt = async (name: string): Promise<string> => {
    const { jobs } = await world.call<{ jobs: { id: string; name: string }[] }>("list", {
      query: name,
      enabled: "all",
    });
    return `#/job/${jobs.find((job) => job.name === name)?.id}`;
  };
  const go = async (hash: string): Promise<void> => {
    await page.evaluate(`location.hash = ${JSON.stringify(hash)}; scrollTo(0, 0)`);
    await page.locator("main").waitFor();
    await page.waitForTimeout(400);
  };

  for (const [mode, width] of Object.entries(MODES)) {
    test(`${mode}: fit for everybody, and nothing stands out at the side`, async () => {
      await page.emulateMedia({ colorScheme: mode === "dark" ? "dark" : "light" });
      await page.setViewportSize({ width, height: 800 });
      const views = {
        timeline: "#/timeline",
        jobs: "#/jobs",
        chains: "#/jobs?sort=chain",
        runs: "#/runs",
        messages: "#/messages",
        attention: "#/attention",
        job: await jobAt("nightly backup"),
        failing: await jobAt("replica lag"),
        under_way: await jobAt("copy archive to tape"),
        gateway: "#/job/gw-summarise-the-inbox",
      };
      const found: string[] = [];
      for (const [view, hash] of Object.entries(views)) {
        await go(hash);
        if (view === "failing" || view === "under_way") await page.locator(".run-head").first().click();
        found.push(...(await violations(page)).map((line) => `${view}, ${mode}: ${line}`));
        const wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        if (wide !== 0) found.push(`${view}, ${mode}: ${wide} pixels too wide`);
        await picture(page, `${view}-${mode}`);
      }
      expect(found).toEqual([]);
      expect(problems).toEqual([]);
    });
  }

  test("with no job yet, each says what it is for", async () => {
    const empty = await openWorld({ file, empty: true });
    try {
      page = await openPage(empty);
      const found: string[] = [];
      for (const view of ["timeline", "jobs", "runs", "messages", "attention"]) {
        await go(`#/${view}`);
        found.push(...(await violations(page)).map((line) => `${view}: ${line}`));
        await picture(page, `${view}-empty`);
      }
      expect(found).toEqual([]);
      expect(problems).toEqual([]);
    } finally {
      await page.context().close();
      await empty.close();
    }
  });
});
