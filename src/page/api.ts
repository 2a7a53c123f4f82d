import type { IncomingMessage, ServerResponse } from "node:http";
import type { Changed } from "../../schema/wire/page.ts";

/** Under which every route of the page lies. */
export const PAGE_BASE = "/plugins/command-cron";

export type PageRoute = "document" | "read" | "events" | "metrics";

/**
 * The routes of the page, and what Prometheus reads. `gateway`: the gateway signs the caller in. `plugin`: it lets everybody through, and the ticket
 * of a served document is asked for here; the frame of the Control UI sends no cookie with such requests.
 */
export const PAGE_ROUTES: Record<PageRoute, { path: string; auth: "gateway" | "plugin"; match: "exact" | "prefix" }> = {
  document: { path: `${PAGE_BASE}/page`, auth: "gateway", match: "exact" },
  read: { path: `${PAGE_BASE}/read`, auth: "plugin", match: "prefix" },
  events: { path: `${PAGE_BASE}/events`, auth: "plugin", match: "exact" },
  metrics: { path: `${PAGE_BASE}/metrics`, auth: "gateway", match: "exact" },
};

const STOPPED_SECONDS = 5;
const STOPPED = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="color-scheme" content="light dark" />
    <meta http-equiv="refresh" content="${STOPPED_SECONDS}" />
    <title>Command Cron</title>
  </head>
  <body>
    <p>Command Cron is not running. This page looks again by itself; <code>openclaw health</code> says more.</p>
  </body>
</html>
`;

/** What is said while there is nobody to ask: by the document in words, and it looks again by itself. */
export function answerStopped(route: PageRoute, response: ServerResponse): void {
  response.writeHead(503, {
    "cache-control": "no-store",
    "retry-after": String(STOPPED_SECONDS),
    ...(route === "document"
      ? { "content-type": "text/html; charset=utf-8", "content-security-policy": "default-src 'none'" }
      : {}),
  });
  response.end(route === "document" ? STOPPED : "");
}

export interface Page {
  /** Answers a request of this route. Never fails; what went wrong is an answer. */
  handle(route: PageRoute, request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Tells every open page. */
  changed(change: Changed): void;
  /** Ends every stream and every ticket. */
  close(): void;
}
