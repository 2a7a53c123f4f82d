import { afterEach, beforeEach, expect, test } from "vitest";
import { BEAT_MS, MAX_STREAMS } from "../../src/page/streams.ts";
import { CHAIN_MS, LEFT_MS, TICKET_MS } from "../../src/page/tickets.ts";
import { createDispatcher } from "../../src/rpc/index.ts";
import { createFakeClock, type FakeClock, settle } from "../helpers/clock.ts";
import { type PageServer, startPageServer } from "../helpers/page.ts";
import { waitFor } from "../helpers/wait-for.ts";

let clock: FakeClock;
let server: PageServer;
const aborts: AbortController[] = [];

beforeEach(async () => {
  clock = createFakeClock();
  server = await startPageServer({ dispatcher: createDispatcher(() => undefined), clock });
});
afterEach(async () => {
  for (const abort of aborts.splice(0)) abort.abort();
  await server.close();
});

/** An open stream, and what came over it so far. */
async function listen(ticket: string, since = "") {
  const abort = new AbortController();
  aborts.push(abort);
  const response = await server.get(`/plugins/command-cron/events?ticket=${ticket}${since}`, { signal: abort.signal });
  const heard = {
    status: response.status,
    headers: response.headers,
    text: "",
    over: false,
    leave: () => abort.abort(),
  };
  void (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) heard.text += decoder.decode(chunk as Uint8Array, { stream: true });
  })().then(
    () => (heard.over = true),
    () => (heard.over = true),
  );
  return heard;
}

const until = (what: string, holds: () => boolean) => waitFor(async () => (holds() ? true : undefined), { what });

test("a change reaches every open page, as the gateway tells it", async () => {
  const { ticket } = await server.open();
  const pages = [await listen(ticket), await listen(ticket)];
  expect(pages[0]?.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  expect(pages[0]?.headers.get("cache-control")).toBe("no-store");
  server.page.changed({ revision: 7, parts: ["jobs", "runs"] });
  for (const page of pages) {
    await until("the change", () => page.text.includes("revision"));
    expect(page.text).toContain('event: changed\ndata: {"revision":7,"parts":["jobs","runs"]}\n\n');
  }
});

test("what changed since the document was made is told at once, and nothing where nothing did", async () => {
  const before = await server.open();
  server.page.changed({ revision: 8, parts: ["runs"] });
  const after = await server.open();
  expect([before.revision, after.revision]).toEqual([0, 8]);
  const late = await listen(before.ticket, `&since=${before.revision}`);
  await until("all of it", () => late.text.includes("revision"));
  expect(late.text).toContain('data: {"revision":8,"parts":["alerts","deliveries","jobs","notices","runs"]}');
  const fresh = await listen(after.ticket, `&since=${after.revision}`);
  await until("the begin", () => fresh.text.includes("retry"));
  expect(fresh.text).not.toContain("changed");
});

test("without a live ticket there is nothing to hear", async () => {
  for (const ticket of ["", "wrong", `${(await server.open()).ticket}x`]) {
    expect((await server.get(`/plugins/command-cron/events?ticket=${ticket}`)).status).toBe(401);
  }
  const { ticket } = await server.open();
  await clock.advance(TICKET_MS);
  expect((await server.get(`/plugins/command-cron/events?ticket=${ticket}`)).status).toBe(401);
});

test("a silent page costs a comment every 15 seconds and one timer for all of them; no page costs none", async () => {
  const { ticket } = await server.open();
  const before = clock.timers();
  const pages = [await listen(ticket), await listen(ticket), await listen(ticket)];
  expect(clock.timers()).toBe(before + 1);
  await clock.advance(BEAT_MS);
  for (const page of pages) await until("a comment", () => page.text.endsWith("\n\n:\n\n"));
  for (const page of pages) page.leave();
  await settle(20);
  await clock.advance(BEAT_MS);
  await waitFor(
    async () => {
      await clock.advance(BEAT_MS);
      return clock.timers() === before ? true : undefined;
    },
    { what: "the timer to go" },
  );
});

test("before it ends the page is given the next ticket; at the end of all it has to load again", async () => {
  const { ticket } = await server.open();
  const page = await listen(ticket);
  await clock.advance(TICKET_MS - BEAT_MS);
  await until("a ticket", () => page.text.includes("event: ticket"));
  const [, next = ""] = /event: ticket\ndata: \{"ticket":"([^"]+)"\}/.exec(page.text) ?? [];
  expect(next).not.toBe(ticket);
  expect((await server.read(next, "status")).status).toBe(503);
  await clock.advance(TICKET_MS / 2);
  expect((await server.read(ticket, "status")).status).toBe(401);
  await clock.advance(CHAIN_MS);
  await until("the end", () => page.over);
  expect(page.text).toContain("event: ending\n");
  const tickets = [...page.text.matchAll(/"ticket":"([^"]+)"/g)].map(([, value]) => value ?? "");
  expect(tickets.length).toBeLessThan((2 * CHAIN_MS) / TICKET_MS);
  for (const value of tickets) expect((await server.read(value, "status")).status).toBe(401);
});

test("a page that is closed takes its ticket along; while it is renewed, it keeps the newest", async () => {
  const { ticket } = await server.open();
  const page = await listen(ticket);
  await clock.advance(TICKET_MS - BEAT_MS);
  await until("a ticket", () => page.text.includes("event: ticket"));
  const [, next = ""] = /event: ticket\ndata: \{"ticket":"([^"]+)"\}/.exec(page.text) ?? [];
  const again = await listen(next);
  page.leave();
  await settle(20);
  await clock.advance(LEFT_MS);
  // The old one had no stream any more.
  expect((await server.read(ticket, "status")).status).toBe(401);
  expect((await server.read(next, "status")).status).toBe(503);
  again.leave();
  await waitFor(
    async () => {
      await clock.advance(LEFT_MS);
      return (await server.read(next, "status")).status === 401;
    },
    { what: "the end of the ticket" },
  );
});

test("more streams than there is room for are told to come later", async () => {
  const { ticket } = await server.open();
  const pages = await Promise.all(Array.from({ length: MAX_STREAMS }, () => listen(ticket)));
  expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([200]));
  const { status, headers } = await server.get(`/plugins/command-cron/events?ticket=${ticket}`);
  expect([status, headers.get("retry-after")]).toEqual([503, "60"]);
});

test("whoever only asks what there is gets no stream", async () => {
  const { ticket } = await server.open();
  const before = clock.timers();
  const { status, headers } = await server.get(`/plugins/command-cron/events?ticket=${ticket}`, { method: "HEAD" });
  expect([status, headers.get("allow"), clock.timers()]).toEqual([405, "GET", before]);
});

test("when the plugin stops, so do the streams and the tickets", async () => {
  const { ticket } = await server.open();
  const page = await listen(ticket);
  server.page.close();
  await until("the end", () => page.over);
  expect((await server.read(ticket, "status")).status).toBe(401);
});
