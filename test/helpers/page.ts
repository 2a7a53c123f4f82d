import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { PageBoot } from "../../schema/wire/page.ts";
import type { EngineApi } from "../../src/engine/api.ts";
import type { Clock } from "../../src/kernel/clock.ts";
import { createEvents, type Events } from "../../src/kernel/events.ts";
import { silentLogger } from "../../src/kernel/logger.ts";
import { PAGE_ROUTES, type Page, type PageRoute } from "../../src/page/api.ts";
import { createPage } from "../../src/page/index.ts";
import type { Dispatcher } from "../../src/rpc/index.ts";
import { afterTest } from "./after-test.ts";

/** What the gateway lets through to routes with its own sign-in. */
export const TOKEN = "an operator's token";
const TEMPLATE = join(import.meta.dirname, "..", "..", "page", "template.html");

export interface PageServer {
  page: Page;
  url: string;
  get(path: string, init?: RequestInit): Promise<Response>;
  /** Loads the document as a signed-in operator and takes its boot data out. */
  open(): Promise<PageBoot>;
  read(ticket: string, method: string, params?: object): Promise<{ status: number; body: Record<string, unknown> }>;
  close(): Promise<void>;
}

export interface PageServerOptions {
  dispatcher: Dispatcher;
  clock: Clock;
  engine?: Pick<EngineApi, "status" | "getRun">;
  events?: Events;
  file?: string;
}

/** The page behind a real HTTP server that routes and signs in as the gateway does. */
export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
  const page = createPage({
    file: options.file ?? TEMPLATE,
    version: "1.2.3",
    clock: options.clock,
    dispatcher: options.dispatcher,
    engine: options.engine ?? ({} as PageServerOptions["engine"] & object),
    events: options.events ?? createEvents(silentLogger),
  });
  const server = createServer((request, response) => {
    const route = routeOf(request);
    if (route === undefined) response.writeHead(404).end();
    else if (PAGE_ROUTES[route].auth === "gateway" && request.headers.authorization !== `Bearer ${TOKEN}`)
      response.writeHead(401).end();
    else void page.handle(route, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const self: PageServer = {
    page,
    url,
    get: (path, init) => fetch(`${url}${path}`, init),
    async open() {
      const response = await self.get(PAGE_ROUTES.document.path, { headers: { authorization: `Bearer ${TOKEN}` } });
      const [, boot = ""] =
        /<script type="application\/json" id="boot">(.*?)<\/script>/s.exec(await response.text()) ?? [];
      return JSON.parse(boot) as PageBoot;
    },
    async read(ticket, method, params = {}) {
      const query = new URLSearchParams({ ticket, params: JSON.stringify(params) });
      const response = await self.get(`${PAGE_ROUTES.read.path}/${method}?${query}`);
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    close: afterTest(async () => {
      page.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }),
  };
  return self;
}

function routeOf({ url = "/" }: IncomingMessage): PageRoute | undefined {
  const { pathname } = new URL(url, "http://gateway");
  return (Object.keys(PAGE_ROUTES) as PageRoute[]).find((name) => {
    const { path, match } = PAGE_ROUTES[name];
    return pathname === path || (match === "prefix" && pathname.startsWith(`${path}/`));
  });
}
