import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundlePage } from "../../scripts/build.ts";
import { PAGE_ROUTES } from "../../src/page/api.ts";
import { hasChromium, launchBrowser, picture, violations } from "../helpers/browser.ts";
import { TOKEN } from "../helpers/page.ts";
import { writeLog } from "../helpers/world/fill.ts";
import { openWorld, type World } from "../helpers/world/open.ts";
import { nativePage } from "./page-native.ts";

/** What the documentation shows. */
const IN_DOCS: Record<string, string> = {
  "timeline-light": "page-timeline",
  "failing-light": "page-job",
  "attention-dark": "page-attention",
  "timeline-phone": "page-phone",
};
/** How many cells have more lines than their row, whose height is fixed, can show. */
const CUT = `[...document.querySelectorAll(".jobs-row > span, .lane > .lane-label")]
  .filter((cell) => cell.offsetHeight > cell.parentElement.offsetHeight).length`;
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
  const lastRunOf = async (name: string): Promise<string> =>
    (await world.call<{ entries: { runId: string }[] }>("runs", { id: name, limit: 1 })).entries[0]?.runId ?? "";
  const go = async (hash: string): Promise<void> => {
    await page.evaluate(`location.hash = ${JSON.stringify(hash)}; scrollTo(0, 0)`);
    await page.locator("main").waitFor();
    await page.waitForTimeout(250);
  };

  test("five questions are answered on the first screen, by the gateway's clock", async () => {
    const part = (title: string) => page.locator(".glance", { has: page.getByRole("heading", { name: title }) });
    const failed = part("Failed or missed in the last 24 hours");
    await failed.getByText("export orders").waitFor();
    expect(await failed.textContent()).toContain("export-orders: cannot connect to db-2:5432: connection refused");
    expect(await part("Now and next").textContent()).toMatch(/copy archive to tape.*42 %.*07:40 [\w-]+: load/s);
    expect(await part("Waiting for you").textContent()).toMatch(/^Waiting for you\s*deploy shop asks to be approved/);
    // As wide as the frame beside the side bar of the Control UI.
    await page.setViewportSize({ width: 1020, height: 800 });
    expect(
      await page.evaluate(
        `[...document.querySelectorAll(".glance")].filter((one) => one.scrollWidth > one.clientWidth).length`,
      ),
    ).toBe(0);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole("searchbox").fill("backup");
    const lane = page.locator(".lane", { has: page.getByRole("link", { name: "nightly backup" }) });
    await expect.poll(() => lane.textContent()).toMatch(/ok 03:00 · next tomorrow 03:00/);
    expect(await page.locator(".bar-count").textContent()).toBe("2 of 71 jobs");
    expect(Math.abs((await page.evaluate<number>("Date.now()")) - world.clock.nowMs())).toBeGreaterThan(86_400_000);
  });

  test("a view that is gone to begins at its top, and one that is gone back to stands where it stood", async () => {
    const scrolled = (): Promise<number> => page.evaluate("scrollY");
    await go("#/jobs");
    await page.evaluate("scrollTo(0, 900)");
    await page.waitForTimeout(300);
    await page.locator(".jobs-name a").nth(12).click();
    await page.locator(".job-head h2").waitFor();
    expect(await scrolled()).toBe(0);
    await page.goBack();
    await expect.poll(scrolled).toBeGreaterThan(500);
  });

  test("a tag that is clicked narrows the list, and the address says so", async () => {
    await go("#/jobs");
    await page.getByRole("button", { name: "#suppliers" }).click();
    await expect.poll(() => page.locator(".bar-count").textContent()).toBe("1 of 71 jobs");
    await expect.poll(() => page.url()).toContain("q=%23suppliers");
  });

  test("an output whose lines are ten megabytes long is cut with a word about it, and the page goes on", async () => {
    const { entries } = await world.call<{ entries: { runId: string }[] }>("runs", { id: "disk space", limit: 2 });
    const runId = entries[1]?.runId ?? "";
    const out = [
      "\u001b[31mred\u001b[0m and \u0000 and \u202ereversed\u202c, \u05e9\u05dc\u05d5\u05dd <b>bold</b>",
      "x".repeat(10_000_000),
      "10 %\r50 %\r100 % done",
      "the last line",
    ].join("\n");
    await writeLog(world.test.deps.stateDir, {
      runId,
      atMs: world.clock.nowMs(),
      out,
      err: "",
      budgetBytes: 20_000_000,
    });
    await go(`${await jobAt("disk space")}?run=${runId}`);
    const output = page.getByRole("region", { name: "Output" });
    await output.getByText("the last line").waitFor();
    await page.getByRole("button", { name: "From the beginning" }).click();
    await output.getByText("the first 4,000 of 10,000,000 characters:").waitFor({ timeout: 60_000 });
    expect(await output.textContent()).toContain(
      "red and ⟨U+0000⟩ and ⟨U+202E⟩reversed⟨U+202C⟩, \u05e9\u05dc\u05d5\u05dd <b>bold</b>",
    );
    expect(await output.textContent()).toContain("100 % done");
    await page.getByRole("searchbox", { name: "Search in the output" }).fill("last line");
    await page.getByText("1 of 1").waitFor();
    expect(await output.locator("mark").textContent()).toBe("last line");
    await picture(page, "output-hostile");
    expect(problems).toEqual([]);
  });

  test("a mark on the timeline that stands for trouble says why, for the pointer and for the keys", async () => {
    const card = page.locator(".card");
    await go("#/timeline?q=export+orders");
    const lane = page.locator(".lane-plot").first();
    await lane.locator("path").first().waitFor();
    await lane.focus();
    await page.keyboard.press("End");
    // From the last instant to come back to what failed last.
    for (let step = 0; step < 12 && !(await card.textContent())?.includes("failed"); step += 1)
      await page.keyboard.press("ArrowLeft");
    await card.getByText("exit code 3 — export-orders: cannot connect to db-2:5432: connection refused").waitFor();
    expect(await page.locator(".unseen[role=status]").last().textContent()).toContain("connection refused");
    await picture(page, "card");
    await page.keyboard.press("Escape");
    await go("#/timeline?q=mail+queue");
    await page.getByRole("link", { name: "mail queue" }).last().waitFor();
    await expect.poll(() => page.getByRole("searchbox").inputValue()).toBe("mail queue");
    await expect.poll(() => page.locator(".bar-count").textContent()).toBe("1 of 71 jobs");
    await lane.focus();
    await page.keyboard.press("End");
    for (let step = 0; step < 12 && !(await card.textContent())?.includes("missed"); step += 1)
      await page.keyboard.press("ArrowLeft");
    await card.getByText("its time passed while the gateway was away or busy").waitFor();
  });

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
        failing: await jobAt("export orders"),
        output: `${await jobAt("export orders")}?run=${await lastRunOf("export orders")}`,
        under_way: await jobAt("copy archive to tape"),
        gateway: "#/job/gw-summarise-the-inbox",
      };
      const found: string[] = [];
      for (const [view, hash] of Object.entries(views)) {
        await go(hash);
        // Only its colours are other in the dark.
        const rules = mode === "dark" ? ["color-contrast"] : undefined;
        found.push(...(await violations(page, rules)).map((line) => `${view}, ${mode}: ${line}`));
        const wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
        if (wide !== 0) found.push(`${view}, ${mode}: ${wide} pixels too wide`);
        const cut = await page.evaluate<number>(CUT);
        if (cut !== 0) found.push(`${view}, ${mode}: ${cut} cells are higher than their rows`);
        const name = `${view}-${mode}`;
        await picture(page, IN_DOCS[name] ?? name, name in IN_DOCS);
      }
      expect(found).toEqual([]);
      expect(problems).toEqual([]);
    });
  }

  test("as a native page, with its buttons: fit for everybody in every view", async () => {
    const native = await nativePage(browser, join(dir, "control-ui", "index.js"), async (method, params) => ({
      result: await world.call(method.replace("cron.command.", ""), params ?? {}),
    }));
    const found: string[] = [];
    const check = async (view: string): Promise<void> => {
      await native.waitForTimeout(300);
      found.push(...(await violations(native)).map((line) => `${view}: ${line}`));
    };
    for (const view of ["Timeline", "Runs", "Messages", "Attention", "Jobs"]) {
      await native.getByRole("navigation").getByRole("link", { name: view }).click();
      await check(view);
    }
    await native.getByRole("link", { name: "export orders" }).first().click();
    await native.getByRole("button", { name: /^Run now/ }).waitFor();
    await check("Job");
    await native
      .getByRole("button", { name: /exit code 3/ })
      .first()
      .click();
    await native.getByRole("region", { name: "Output" }).waitFor();
    await check("Output");
    expect(found).toEqual([]);
    await native.close();
  });

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
