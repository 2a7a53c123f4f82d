import { join } from "node:path";
import type { Browser, Frame, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasChromium, launchBrowser, ourFrame, picture, signIn, signInAs, violations } from "../helpers/browser.ts";
import { E2E_GATEWAYS, job, type PluginGateway, startPluginGateway } from "../helpers/plugin-gateway.ts";
import { fillPastDays } from "../helpers/world/fill.ts";
import { FEW } from "../helpers/world/jobs.ts";
import { believingPage, clickEverything } from "./page-native.ts";

const BASE = "/plugins/command-cron";
const VERSION = "2026.9.6";
const DEEDS = /^(Run now|Stop|Enable|Disable|Retry|Drop|Acknowledge|Snooze|Approve|Reject|Pause|Resume)/;
const ticketOf = (frame: Frame): Promise<string> =>
  frame.evaluate<string>("JSON.parse(document.getElementById('boot').textContent).ticket");
const HOSTILE = "<script>document.title='taken'</script><img src=x onerror=document.title='taken'>";

describe.runIf(hasChromium && E2E_GATEWAYS.includes(VERSION))("the page on OpenClaw 2026.9.6", () => {
  let world: PluginGateway;
  let browser: Browser;
  let page: Page;
  let frame: Frame;
  const problems: string[] = [];

  beforeAll(async () => {
    world = await startPluginGateway({
      version: VERSION,
      prepare: async ({ stateDir }) => void (await fillPastDays(join(stateDir, "command-cron"), { jobs: FEW })),
    });
    browser = await launchBrowser();
    const message = { delivery: { mode: "webhook", to: world.receiver.url } };
    const { id: report } = await world.add(job("weekly report", ["echo", "done"], message));
    const told = { failureAlert: { after: 1, mode: "webhook", to: world.receiver.url } };
    const { id: replica } = await world.add(job("check replica", ["sh", "-c", "echo 900 s behind; exit 1"], told));
    await world.add(job("old import", ["true"], { enabled: false }));
    for (const id of [report, replica]) await world.runToEnd(id);
    page = await signIn(browser, world.gateway);
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (said) => {
      if (/Content Security Policy|Refused to/.test(said.text())) problems.push(said.text());
    });
    frame = await ourFrame(page);
  }, 400_000);
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  const go = async (view: string): Promise<void> => {
    await frame.getByRole("navigation").getByRole("link", { name: view }).click();
  };
  const sees = (text: string | RegExp) => frame.getByText(text).first().waitFor({ timeout: 30_000 });

  let revoked: { ticket: string; atMs: number };

  test("who may only read sees the page in its tab; when that is taken away it is gone, and the document with it", async () => {
    const reader = await signInAs(browser, world.gateway, ["operator.read"]);
    const theirs = await ourFrame(reader.page);
    await theirs.getByText("nightly backup").first().waitFor();
    const ticket = await ticketOf(theirs);
    const read = async (method: string): Promise<number> =>
      (await fetch(`${world.gateway.httpUrl}${BASE}/read/${method}?ticket=${ticket}`)).status;
    const load = async (): Promise<number> => {
      const headers = { authorization: `Bearer ${reader.token}` };
      return (await fetch(`${world.gateway.httpUrl}${BASE}/page`, { headers })).status;
    };
    expect([await read("status"), await read("run"), await read("remove"), await load()]).toEqual([200, 403, 403, 200]);
    await world.client().call("device.token.revoke", { deviceId: reader.deviceId, role: "operator" });
    revoked = { ticket, atMs: performance.now() };
    await expect.poll(() => reader.page.frames().length, { timeout: 30_000 }).toBe(1);
    expect(await load()).toBe(401);
    await reader.page.context().close();
  });

  test("the tab is in the side bar, and a person gets to it from another page", async () => {
    await page.getByRole("link", { name: "Automations" }).click();
    await page.waitForURL((url) => !url.pathname.includes("command-cron"));
    await page.getByRole("link", { name: "Command Cron" }).click();
    frame = await ourFrame(page);
    await sees("nightly backup");
    await page.waitForTimeout(1_000);
    await picture(page, "control-ui");
    await go("Jobs");
    await frame.getByRole("link", { name: "export orders" }).first().click();
    await page.waitForTimeout(1_500);
    await picture(page.locator("iframe"), "tab-job");
  });

  test("a job that fails is seen to fail while one looks, and its output is one click away", async () => {
    await go("Runs");
    const { id } = await world.add(
      job("mirror", ["sh", "-c", "echo copying; sleep 1; echo no space left >&2; exit 28"]),
    );
    const since = performance.now();
    await world.client().call("cron.command.run", { id });
    const row = frame.getByRole("button", { name: /mirror/ }).first();
    await row.getByText(/running/i).waitFor({ timeout: 30_000 });
    console.log(`a start was on the screen ${Math.round(performance.now() - since)} ms after it was asked for`);
    await row.getByText(/failed/i).waitFor({ timeout: 30_000 });
    await row.click();
    await frame.getByRole("region", { name: "Output" }).getByText("no space left").waitFor();
    await picture(page, "runs-log");
  });

  test("it filters, opens a job and goes back", async () => {
    await go("Jobs");
    await frame.getByRole("searchbox").first().fill("mirror");
    await frame.getByText("nightly backup").waitFor({ state: "detached" });
    await frame
      .getByRole("link", { name: /mirror/ })
      .first()
      .click();
    await frame.getByText(/exit/i).first().waitFor();
    expect(new URL(frame.url()).hash).toMatch(/^#\/job\//);
    await frame.evaluate("history.back()");
    await frame.getByRole("searchbox").first().waitFor();
    expect(new URL(frame.url()).hash).toMatch(/^#\/jobs/);
  });

  test("what a job is called and what it prints is text", async () => {
    const { id: hostile } = await world.add(
      job(HOSTILE, ["printf", "\\033[31mred\\033[0m </pre><script>\\342\\200\\256\\000"]),
    );
    await world.runToEnd(hostile);
    await go("Runs");
    await frame
      .getByRole("button", { name: /script/ })
      .first()
      .click();
    await frame.getByRole("region", { name: "Output" }).getByText("</pre><script>").waitFor();
    expect(await frame.evaluate("document.title")).toBe("Command Cron");
    expect(await frame.locator("main script, main img").count()).toBe(0);
    expect(problems).toEqual([]);
  });

  test("the gateway lets nobody through whom it does not know, and the plugin nobody without a ticket", async () => {
    const { httpUrl, token } = world.gateway;
    const status = async (path: string, authorization?: string): Promise<number> => {
      const response = await fetch(
        `${httpUrl}${BASE}/${path}`,
        authorization === undefined ? {} : { headers: { authorization } },
      );
      await response.body?.cancel();
      return response.status;
    };
    for (const path of ["page", "metrics"]) {
      expect([
        path,
        await status(path),
        await status(path, "Bearer wrong"),
        await status(path, `Bearer ${token}`),
      ]).toEqual([path, 401, 401, 200]);
    }
    for (const path of ["read/status", "read/run", "events", "read/status?ticket=a.b"]) {
      // The operator's token is no ticket: it must never be put where a frame could read it.
      expect([path, await status(path), await status(path, `Bearer ${token}`)]).toEqual([path, 401, 401]);
    }
    // Whose scope was taken away, a while ago, has no page any more that listens: what it read with is worth nothing.
    const taken = async (): Promise<number> => await status(`read/status?ticket=${revoked.ticket}`);
    await expect.poll(taken, { timeout: 30_000 }).toBe(401);
    console.log(
      `a ticket was refused ${Math.round(performance.now() - revoked.atMs)} ms after its scope was taken away`,
    );
    const { page: said } = await world.client().call<{ page: unknown }>("cron.command.status");
    expect(said).toEqual({ tab: true, detail: 'tab "Command Cron" of the Control UI, at /command-cron' });
  });

  test("when the plugin alone is replaced, the page is loaded again where it was, under a ticket of the new one", async () => {
    await go("Jobs");
    const ticket = (): Promise<string> => ticketOf(frame);
    const before = await ticket();
    await world.gateway.writeConfig((config) => {
      const { entries } = config["plugins"] as { entries: Record<string, { config?: object }> };
      const ours = entries["command-cron"] ?? {};
      entries["command-cron"] = { ...ours, config: { ...ours.config, concurrency: 9 } };
    });
    await expect.poll(() => ticket().catch(() => before), { timeout: 120_000 }).not.toBe(before);
    expect(new URL(frame.url()).hash).toMatch(/^#\/jobs/);
    await sees("nightly backup");
  }, 200_000);

  test("a restart under the open page is noticed, and the page comes back by itself; as a native page it acts", async () => {
    await world.gateway.writeConfig((config) => {
      const { controlUi = {}, ...gateway } = config["gateway"] as { controlUi?: object };
      config["gateway"] = { ...gateway, controlUi: { ...controlUi, experimental: { customPlugins: true } } };
    });
    const before = await ticketOf(frame);
    await world.gateway.restart();
    await world.reconnect();
    // It was given to somebody whose scope may be gone: nobody takes it any more.
    const late = await fetch(`${world.gateway.httpUrl}${BASE}/read/status?ticket=${before}`);
    expect([late.status, ((await late.json()) as { error: { code: string } }).error.code]).toEqual([
      401,
      "TICKET_REFUSED",
    ]);
    // Without a hand on it: whichever kind of page the Control UI now has in the tab.
    const shown = async (one: Frame): Promise<boolean> => (await one.getByText("nightly backup").count()) > 0;
    await expect
      .poll(async () => (await Promise.all(page.frames().map(shown))).includes(true), { timeout: 180_000 })
      .toBe(true);
    await page.reload();
    const native = page.locator(".cc");
    await native.getByText("nightly backup").first().waitFor({ timeout: 60_000 });
    page.on("dialog", (dialog) => void dialog.accept());
    await clickEverything(native, world);
    await native.getByRole("navigation").getByRole("link", { name: "Jobs" }).click();
    await native.getByRole("searchbox").first().fill("nightly");
    await native.getByRole("link", { name: "nightly backup" }).first().click();
    const looks = (selector: string, property: string): Promise<string> =>
      native.evaluate(
        (root, [inner = "", name = ""]) => {
          const { getComputedStyle } = globalThis as unknown as {
            getComputedStyle(element: unknown): { getPropertyValue(name: string): string };
          };
          const { querySelector } = root as unknown as { querySelector(selector: string): unknown };
          return getComputedStyle(inner === "" ? root : querySelector.call(root, inner)).getPropertyValue(name);
        },
        [selector, property],
      );
    expect(await looks("", "background-color")).not.toBe("rgba(0, 0, 0, 0)");
    expect(await looks("code", "font-family")).toMatch(/mono/i);
    await picture(page, "native-job");
  }, 400_000);

  test("who may only read sees every view and nothing to click; with buttons it is fit for everybody, and a refusal is told as one", async () => {
    const { page: reader } = await signInAs(browser, world.gateway, ["operator.read"]);
    await reader.locator(".cc").getByText("nightly backup").first().waitFor({ timeout: 60_000 });
    for (const view of ["Jobs", "Runs", "Messages", "Attention"]) {
      await reader.getByRole("navigation").getByRole("link", { name: view }).click();
      await reader.waitForTimeout(300);
      expect([view, await reader.getByRole("button", { name: DEEDS }).count()]).toEqual([view, 0]);
    }
    await reader
      .getByText(/^Copy a command/)
      .first()
      .click();
    await reader.getByText("You may only look: to act takes operator.admin.").first().waitFor();
    await picture(reader, "native-reader");
    await reader.context().close();
    const believing = await believingPage(browser, world);
    await believing.getByRole("link", { name: "nightly backup" }).first().waitFor();
    const found: string[] = [];
    for (const view of ["Messages", "Attention", "Jobs"]) {
      await believing.getByRole("navigation").getByRole("link", { name: view }).click();
      await believing.waitForTimeout(300);
      found.push(...(await violations(believing)).map((line) => `${view}: ${line}`));
    }
    await believing.getByRole("link", { name: "nightly backup" }).first().click();
    await believing.getByRole("button", { name: /^Disable/ }).waitFor();
    found.push(...(await violations(believing)).map((line) => `Job: ${line}`));
    expect(found).toEqual([]);
    await believing.getByRole("button", { name: /^Disable/ }).click();
    await believing.getByText("You may only look: this takes operator.admin.").waitFor();
    await believing.close();
    expect(
      (await world.client().call<{ enabled: boolean }>("cron.command.get", { id: "nightly backup" })).enabled,
    ).toBe(true);
  });
});
