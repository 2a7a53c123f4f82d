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

export interface Page {
  /** Answers a request of this route. Never fails; what went wrong is an answer. */
  handle(route: PageRoute, request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Tells every open page. */
  changed(change: Changed): void;
  /** Ends every stream and every ticket. */
  close(): void;
}
