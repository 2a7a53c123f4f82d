import type { IncomingMessage, ServerResponse } from "node:http";
import type { Changed } from "../../schema/wire/page.ts";
import type { EngineApi } from "../engine/api.ts";
import type { Clock } from "../kernel/clock.ts";
import { CommandCronError, invalid } from "../kernel/errors.ts";
import type { Events } from "../kernel/events.ts";
import { CHANGED_PARTS, FIRST_READS } from "../kernel/page.ts";
import type { Dispatcher } from "../rpc/index.ts";
import { PAGE_BASE, PAGE_ROUTES, type Page } from "./api.ts";
import { type Document, loadDocument } from "./document.ts";
import { ANY_ORIGIN, answer, answerError, answerJson, urlOf } from "./http.ts";
import type { Metrics } from "./metrics.ts";
import { createStreams } from "./streams.ts";
import { createTickets, type Ticket } from "./tickets.ts";

export interface PageOptions {
  /** The built document. */
  file: string;
  version: string;
  clock: Clock;
  dispatcher: Dispatcher;
  engine: Pick<EngineApi, "status" | "getRun">;
  events: Events;
}

const CALLER = { label: "page" };

export function createPage({ file, version, clock, dispatcher, engine, events: committed }: PageOptions): Page {
  const tickets = createTickets(clock);
  const streams = createStreams(clock, tickets);
  const reads = new Set(dispatcher.methods.filter(({ scope }) => scope === "operator.read").map(({ name }) => name));
  let newest: Changed = { revision: 0, parts: [] };
  let loading: Promise<Document> | undefined;
  let counting: Promise<Metrics> | undefined;

  async function document(request: IncomingMessage, response: ServerResponse): Promise<void> {
    loading ??= loadDocument(file);
    // A file that could not be read is tried again.
    loading.catch(() => {
      loading = undefined;
    });
    const { html, policy } = await loading;
    const now = clock.nowMs();
    const { revision } = newest;
    const first = (await Promise.all(FIRST_READS.map(answered))).flat();
    const { value } = tickets.issue();
    const body = html({ base: PAGE_BASE, ticket: value, version, native: false, now, revision, first });
    const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": policy };
    await answer(request, response, 200, headers, body);
  }

  /** What cannot be answered now is left for the page to ask, and to say. */
  async function answered([method, params]: (typeof FIRST_READS)[number]) {
    try {
      return [{ method, params, result: await dispatcher.dispatch(`cron.command.${method}`, params, CALLER) }];
    } catch {
      return [];
    }
  }

  async function read(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = urlOf(request);
    heldTicket(url);
    const method = url.pathname.slice(PAGE_ROUTES.read.path.length + 1);
    const name = method.startsWith("cron.command.") ? method : `cron.command.${method}`;
    if (!reads.has(name)) throw new CommandCronError("READ_ONLY", { field: "method", got: method });
    const result = await dispatcher.dispatch(name, paramsOf(url), CALLER);
    await answerJson(request, response, 200, { ok: true, result });
  }

  async function events(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = urlOf(request);
    const since = url.searchParams.get("since");
    // Of what changed between the document and now.
    const missed =
      since === null || since === String(newest.revision) ? undefined : { ...newest, parts: CHANGED_PARTS };
    if (streams.open(response, heldTicket(url), missed)) return;
    await answer(request, response, 503, { ...ANY_ORIGIN, "retry-after": "60" }, "");
  }

  /** Nothing is loaded or counted before somebody asks. */
  async function metrics(request: IncomingMessage, response: ServerResponse): Promise<void> {
    counting ??= import("./metrics.ts").then(({ createMetrics }) => createMetrics(engine, committed));
    const counted = await counting;
    await answer(request, response, 200, { "content-type": counted.contentType }, await counted.text());
  }

  function heldTicket(url: URL): Ticket {
    const ticket = tickets.find(url.searchParams.get("ticket") ?? "");
    if (ticket === undefined) throw new CommandCronError("TICKET_REFUSED");
    return ticket;
  }

  const routes = { document, read, events, metrics };
  return {
    async handle(route, request, response) {
      try {
        // There is no telling of a stream without opening it.
        const allowed = route === "events" ? ["GET"] : ["GET", "HEAD"];
        if (!allowed.includes(request.method ?? "")) {
          await answer(request, response, 405, { allow: allowed.join(", ") }, "");
        } else await routes[route](request, response);
      } catch (error) {
        if (response.headersSent) response.destroy();
        else await answerError(request, response, error);
      }
    },
    changed(change) {
      newest = change;
      streams.changed(change);
    },
    close() {
      streams.closeAll();
      tickets.clear();
      void counting?.then((counted) => counted.stop());
    },
  };
}

function paramsOf(url: URL): unknown {
  const given = url.searchParams.get("params");
  try {
    return given === null ? {} : JSON.parse(given);
  } catch {
    throw invalid("params", "JSON", "text that is none");
  }
}
