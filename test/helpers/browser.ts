import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, chromium, type Frame, type Locator, type Page } from "playwright-core";
import type { Gateway } from "./gateway.ts";
import { newDevice, type Scope } from "./gateway-client.ts";
import { waitFor } from "./wait-for.ts";

const PROGRAM = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((file) => existsSync(file));

export const hasChromium = PROGRAM !== undefined;

/** Pictures of each view, to be looked at; not kept in the repository. */
export const PICTURES_DIR = join(import.meta.dirname, "..", "..", "artifacts", "page");

const DOCS_DIR = join(import.meta.dirname, "..", "..", "docs", "figures");

export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: PROGRAM ?? "", args: ["--no-sandbox", "--force-device-scale-factor=1"] });

/** Opens the Control UI as a person does who was given the address with the token. */
export async function signIn(browser: Browser, gateway: Gateway, path = "/command-cron"): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(`${gateway.httpUrl}${path}#token=${gateway.token}`);
  return page;
}

/** A browser of a device that was given these scopes alone: signed in by its own token, as it is when somebody comes back. */
export interface Reader {
  page: Page;
  deviceId: string;
  /** Of the device; the gateway takes it for its routes as well. */
  token: string;
}

export async function signInAs(browser: Browser, gateway: Gateway, scopes: readonly Scope[]): Promise<Reader> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const device = newDevice();
  const { id: deviceId, publicKey, privateKey } = device;
  // The gateway asks for a device again that comes from another platform.
  const client = { id: "cli", mode: "cli", platform: await page.evaluate<string>("navigator.platform") };
  const { deviceToken: token = "", close } = await gateway.connect({ scopes, device, client });
  await close();
  const identity = { version: 1, deviceId, publicKey, privateKey, createdAtMs: Date.now() };
  const tokens = { operator: { token, role: "operator", scopes, updatedAtMs: Date.now() } };
  const kept = {
    "openclaw-device-identity-v1": identity,
    [`openclaw.device.auth.v1:${gateway.url}`]: { version: 1, deviceId, tokens },
  };
  // Once: what the page writes itself stays.
  await page.addInitScript(`if (location.origin === ${JSON.stringify(gateway.httpUrl)} && !localStorage.length)
    for (const [name, value] of Object.entries(${JSON.stringify(kept)})) localStorage.setItem(name, JSON.stringify(value));`);
  await page.goto(`${gateway.httpUrl}/command-cron`);
  return { page, deviceId, token };
}

/** The frame of our tab, as soon as it shows something. */
export const ourFrame = (page: Page): Promise<Frame> =>
  waitFor(
    async () => {
      const frame = page.frames().find((one) => new URL(one.url()).pathname === "/plugins/command-cron/page");
      return (await frame?.getByRole("navigation").count()) === 1 ? frame : undefined;
    },
    { what: "the page in its frame", everyMs: 100 },
  );

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What axe-core finds wrong with what is shown, one line each; by these rules alone, where some are named. */
export async function violations(frame: Frame | Page, rules?: readonly string[]): Promise<string[]> {
  // Put in by the debugger: the page's own policy lets no other script in.
  await frame.evaluate(AXE);
  return await frame.evaluate(async (runOnly) => {
    type Found = { id: string; help: string; nodes: { html: string; failureSummary?: string }[] };
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: Found[] }> } };
    const { violations: found } = await axe.run(runOnly === undefined ? {} : { runOnly });
    return found.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary ?? ""}`),
    );
  }, rules);
}

/** Keeps a picture to be looked at; with `COMMAND_CRON_PICTURES=docs` those that the documentation shows are made anew. */
export async function picture(shown: Page | Locator, name: string, inDocs = false): Promise<void> {
  const dir = inDocs && process.env["COMMAND_CRON_PICTURES"] === "docs" ? DOCS_DIR : PICTURES_DIR;
  await mkdir(dir, { recursive: true });
  await shown.screenshot({ path: join(dir, `${name}.png`) });
}
