import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import type { GatewayCallError } from "../helpers/gateway-client.ts";
import { job, type PluginGateway } from "../helpers/plugin-gateway.ts";

const PATIENT = { timeout: 30_000 };

/** Clicks everything that can be done on the native page, and looks in the ledger whether it was done. */
export async function clickEverything(native: Locator, world: PluginGateway): Promise<void> {
  const ask = async <T>(method: string, params: object = {}): Promise<T> =>
    await world.client().call<T>(`cron.command.${method}`, params);
  const go = (view: string): Promise<void> => native.getByRole("navigation").getByRole("link", { name: view }).click();
  const open = async (name: string): Promise<void> => {
    await go("Jobs");
    await native.getByRole("searchbox").first().fill(name);
    await native.getByRole("link", { name }).first().click();
  };
  const click = (label: string, within: Locator = native): Promise<void> =>
    within
      .getByRole("button", { name: new RegExp(`^${label}`) })
      .first()
      .click();
  const matter = (text: RegExp): Locator => native.locator(".matter", { hasText: text });
  const statusOf = async (id: string): Promise<string | undefined> => (await world.runsOf(id))[0]?.runStatus;
  const enabled = async (id: string): Promise<boolean> => (await ask<{ enabled: boolean }>("get", { id })).enabled;

  const { id: backup } = await ask<{ id: string }>("get", { id: "nightly backup" });
  await open("nightly backup");
  const before = (await world.runsOf(backup)).length;
  await click("Run now");
  await expect.poll(async () => (await world.runsOf(backup)).length, PATIENT).toBe(before + 1);

  const { id: sleeper } = await world.add(job("long sleep", ["sleep", "300"]));
  await ask("run", { id: sleeper });
  await open("long sleep");
  await click("Stop");
  await expect.poll(() => statusOf(sleeper), PATIENT).toBe("canceled");
  await click("Disable");
  await expect.poll(() => enabled(sleeper), PATIENT).toBe(false);
  await click("Enable");
  await expect.poll(() => enabled(sleeper), PATIENT).toBe(true);

  world.receiver.always({ status: 400 });
  const { id: unheard } = await world.add(
    job("speaks to nobody", ["echo", "hello"], { delivery: { mode: "webhook", to: `${world.receiver.url}/refused` } }),
  );
  await world.runToEnd(unheard);
  world.receiver.always({ status: 200 });
  const asking = { policy: { approval: { required: true } } };
  const { id: yes } = await world.add(job("asks and hears yes", ["true"], asking));
  const { id: no } = await world.add(job("asks and hears no", ["true"], asking));
  for (const id of [yes, no]) await ask("run", { id });

  await go("Attention");
  await click("Approve", matter(/hears yes asks/));
  await expect.poll(() => statusOf(yes), PATIENT).toBe("succeeded");
  await click("Reject", matter(/hears no asks/));
  await expect.poll(() => statusOf(no), PATIENT).toBe("skipped");
  const incident = async (): Promise<{ ackedAtMs?: number; snoozedUntilMs?: number } | undefined> =>
    (await ask<{ alerts: object[] }>("alerts", { id: "check replica" })).alerts[0];
  await click("Snooze", matter(/^check replica/));
  await expect.poll(async () => (await incident())?.snoozedUntilMs, PATIENT).toBeGreaterThan(Date.now());
  await click("Acknowledge", matter(/^check replica/));
  await expect.poll(async () => (await incident())?.ackedAtMs, PATIENT).toBeGreaterThan(0);
  await click("Retry", matter(/speaks to nobody/));
  await expect.poll(async () => (await world.runsOf(unheard))[0]?.deliveryStatus, PATIENT).toBe("delivered");
}

/** The native page over a client that may only read, while the Control UI still thinks that it may do everything. */
export async function believingPage(browser: Browser, world: PluginGateway): Promise<Page> {
  const client = await world.gateway.connect({ scopes: ["operator.read"] });
  const file = join(world.gateway.stateDir, "extensions", "command-cron", "dist", "control-ui", "index.js");
  const page = await nativePage(browser, file, async (method, params) => {
    try {
      return { result: await client.call(method, params) };
    } catch (error) {
      const { message, details } = error as GatewayCallError;
      return { refusal: { message, details } };
    }
  });
  page.on("close", () => void client.close());
  return page;
}

/** The built native page in a document of its own, for an operator with every scope; `ask` answers what it asks the gateway. */
export async function nativePage(
  browser: Browser,
  file: string,
  ask: (method: string, params: object) => Promise<{ result?: unknown; refusal?: object }>,
): Promise<Page> {
  const page = await browser.newPage();
  page.on("dialog", (dialog) => void dialog.accept());
  await page.exposeFunction("ask", ask);
  await page.evaluate(
    `(async (code) => {
      document.title = "Command Cron";
      document.documentElement.lang = "en";
      const host = {
        connection: { connected: true, canRead: true, canWrite: true, canAdmin: true },
        request: async (method, params) => {
          const { result, refusal } = await ask(method, params);
          if (refusal) throw refusal;
          return result;
        },
        onEvent: () => () => {},
        subscribe: () => () => {},
      };
      const plugin = await import(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
      plugin.default.activate({ ui: { registerPage: ({ mount }) => mount(document.body, { host }) } });
    })(${JSON.stringify(await readFile(file, "utf8"))})`,
  );
  return page;
}
