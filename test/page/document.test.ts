import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { FIRST_READS } from "../../src/kernel/page.ts";
import { answerStopped } from "../../src/page/api.ts";
import { loadDocument } from "../../src/page/document.ts";
import { createDispatcher } from "../../src/rpc/index.ts";
import { testDir } from "../helpers/after-test.ts";
import { createFakeClock } from "../helpers/clock.ts";
import { type PageServer, startPageServer, TOKEN } from "../helpers/page.ts";
import { recordingEngine } from "../rpc/recording-engine.ts";

const PATH = "/plugins/command-cron/page";
const SIGNED_IN = { headers: { authorization: `Bearer ${TOKEN}` } };
let server: PageServer;

beforeEach(async () => {
  server = await startPageServer({ dispatcher: createDispatcher(() => undefined), clock: createFakeClock(1_000) });
});

test("nobody gets it, and no ticket, without signing in", async () => {
  for (const headers of [{}, { authorization: "Bearer wrong" }]) {
    const response = await server.get(PATH, { headers });
    expect([response.status, await response.text()]).toEqual([401, ""]);
  }
});

test("it is kept by nobody, framed by nobody else, and says nothing to another site", async () => {
  const { status, headers } = await server.get(PATH, SIGNED_IN);
  expect(status).toBe(200);
  expect(Object.fromEntries(headers)).toMatchObject({
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  });
  expect(headers.get("access-control-allow-origin")).toBeNull();
  const policy = headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'self'");
  expect(policy).not.toMatch(/unsafe|\*|https?:/);
});

test("only the script and the style that lie in it run", async () => {
  const response = await server.get(PATH, SIGNED_IN);
  const policy = response.headers.get("content-security-policy") ?? "";
  const html = await response.text();
  const [, script = ""] = /<script>(.*?)<\/script>/s.exec(html) ?? [];
  const [, style = ""] = /<style>(.*?)<\/style>/s.exec(html) ?? [];
  const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  expect(policy).toContain(`script-src ${hash(script)};`);
  expect(policy).toContain(`style-src ${hash(style)};`);
});

test("each load has a ticket of its own, and the gateway's time", async () => {
  const one = await server.open();
  const other = await server.open();
  expect(one).toMatchObject({ base: "/plugins/command-cron", version: "1.2.3", native: false, now: 1_000 });
  expect(one.ticket).not.toBe(other.ticket);
});

test("the first answers come with it, as the reads give them, and what fails is left for the page to ask", async () => {
  const recorded = recordingEngine();
  const dispatcher = createDispatcher(() => recorded.engine);
  const other = await startPageServer({ dispatcher, clock: createFakeClock() });
  try {
    const { first = [], ticket } = await other.open();
    expect(first.map(({ method }) => method)).toEqual(FIRST_READS.map(([method]) => method));
    for (const { method, params, result } of first)
      expect((await other.read(ticket, method, params)).body["result"]).toEqual(result);
  } finally {
    await other.close();
  }
  expect((await server.open()).first).toEqual([]);
});

test("what it starts with cannot end the element it stands in", async () => {
  const dir = testDir("cc-page-");
  try {
    const file = join(dir, "page.html");
    writeFileSync(file, "<script>__BOOT__</script>");
    const { html } = await loadDocument(file);
    const made = html({ base: "</script><script>", ticket: "<!--", version: "1", native: false, now: 0, revision: 0 });
    expect(made.match(/<\/?script|<!--/g)).toEqual(["<script", "</script"]);
    writeFileSync(file, "<script></script>");
    await expect(loadDocument(file)).rejects.toThrow("no place");
  } finally {
  }
});

test("a file that cannot be read is tried again, and says so meanwhile", async () => {
  const dir = testDir("cc-page-");
  const file = join(dir, "page.html");
  const dispatcher = createDispatcher(() => undefined);
  const other = await startPageServer({ dispatcher, clock: createFakeClock(), file });
  try {
    expect((await other.get(PATH, SIGNED_IN)).status).toBe(500);
    writeFileSync(file, "<script>__BOOT__</script>");
    expect((await other.get(PATH, SIGNED_IN)).status).toBe(200);
  } finally {
    await other.close();
  }
});

test("while the service is stopped the document says so and looks again by itself", async () => {
  const stopped = createServer((_request, response) => answerStopped("document", response));
  await new Promise<void>((resolve) => stopped.listen(0, "127.0.0.1", resolve));
  try {
    const response = await fetch(`http://127.0.0.1:${(stopped.address() as AddressInfo).port}`);
    expect(response.status).toBe(503);
    expect(response.headers.get("content-security-policy")).toBe("default-src 'none'");
    expect(await response.text()).toContain('<meta http-equiv="refresh" content="5" />');
  } finally {
    stopped.close();
  }
});

test("it is looked at only; HEAD tells without the text", async () => {
  for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
    const { status, headers } = await server.get(PATH, { ...SIGNED_IN, method });
    expect([status, headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  }
  const head = await server.get(PATH, { ...SIGNED_IN, method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([200, ""]);
});
