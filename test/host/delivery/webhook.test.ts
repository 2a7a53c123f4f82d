import { beforeEach, describe, expect, test } from "vitest";
import { parseRetryAfterMs, sendWebhook, type WebhookDeps } from "../../../src/host/delivery/webhook.ts";
import { type Receiver, startReceiver } from "../../helpers/receiver.ts";

const never = new AbortController().signal;
const NOW_MS = Date.parse("2026-11-21T00:00:00Z");
let receiver: Receiver;
let deps: WebhookDeps;

beforeEach(async () => {
  receiver = await startReceiver();
  deps = {
    fetch: async ({ url, init, timeoutMs, signal }) => {
      const limit = AbortSignal.timeout(Math.min(timeoutMs, 300));
      const response = await fetch(url, {
        ...init,
        redirect: "manual",
        signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
      });
      return { response, release: async () => void (await response.body?.cancel()) };
    },
    policy: () => undefined,
    token: async () => undefined,
    nowMs: () => NOW_MS,
  };
});

const send = (fields: Record<string, unknown> = {}) =>
  sendWebhook(
    deps,
    {
      deliveryId: "d",
      mode: "webhook",
      to: receiver.url,
      text: "",
      body: '{"a":"ü"}',
      headers: { "webhook-id": "d" },
      authorized: true,
      ...fields,
    },
    never,
  );

describe("posting a webhook", () => {
  test("arrives once, byte for byte, with our headers and the gateway's token", async () => {
    deps.token = async () => "secret";
    expect(await send()).toEqual({ kind: "sent", messageIds: [], receipt: { status: 200 } });
    expect(receiver.requests).toHaveLength(1);
    expect(receiver.requests[0]).toMatchObject({
      method: "POST",
      body: '{"a":"ü"}',
      headers: { "content-type": "application/json", "webhook-id": "d", authorization: "Bearer secret" },
    });
  });

  test("a message that is not authorized goes without the gateway's token, which is not even resolved", async () => {
    deps.token = () => Promise.reject(new Error("asked for"));
    expect((await send({ authorized: undefined })).kind).toBe("sent");
    expect(receiver.requests[0]?.headers).not.toHaveProperty("authorization");
  });

  test("without a token no authorization is sent", async () => {
    await send();
    expect(receiver.requests[0]?.headers).not.toHaveProperty("authorization");
  });

  test.each([200, 201, 204])("%i is success", async (status) => {
    receiver.always({ status });
    expect((await send()).kind).toBe("sent");
  });

  test.each([500, 502, 503, 408, 425, 429])("%i is tried again", async (status) => {
    receiver.always({ status });
    expect(await send()).toMatchObject({
      kind: "failed",
      permanent: false,
      error: `the receiver answered HTTP ${status}`,
    });
  });

  test.each([400, 401, 403, 404, 413, 301, 302, 307])("%i is not", async (status) => {
    receiver.always({ status, headers: { location: receiver.url } });
    const result = await send();
    expect(result).toMatchObject({ kind: "failed", permanent: true });
    expect(result).not.toHaveProperty("disableDestination");
    expect(receiver.requests).toHaveLength(1);
  });

  test("410 ends the destination", async () => {
    receiver.always({ status: 410 });
    expect(await send()).toMatchObject({ kind: "failed", permanent: true, disableDestination: true });
  });

  test("Retry-After is honoured", async () => {
    receiver.always({ status: 503, headers: { "retry-after": "120" } });
    expect(await send()).toMatchObject({ retryAfterMs: 120_000 });
  });

  test("a receiver that hangs, cuts the line or is away is tried again, under the same id", async () => {
    receiver.next("hang", "reset");
    expect(await send()).toMatchObject({ kind: "failed", permanent: false });
    expect(await send()).toMatchObject({ kind: "failed", permanent: false });
    await receiver.close();
    expect(await send()).toMatchObject({
      kind: "failed",
      permanent: false,
      error: expect.stringMatching(/fetch failed \(\w+\)/),
    });
    expect(receiver.requests.map((request) => request.headers["webhook-id"])).toEqual(["d", "d"]);
  });

  test("what lies below `fetch failed` is named, as a code or in words", async () => {
    deps.fetch = () => Promise.reject(new TypeError("fetch failed", { cause: new Error("bad port") }));
    expect(await send()).toMatchObject({ error: "fetch failed (bad port)" });
    const cause = new Error("outer", { cause: Object.assign(new Error("inner"), { code: "ECONNRESET" }) });
    deps.fetch = () => Promise.reject(new TypeError("fetch failed", { cause }));
    expect(await send()).toMatchObject({ error: "fetch failed (ECONNRESET)" });
  });

  test("an address the gateway's guard refuses is not tried again", async () => {
    deps.fetch = () => Promise.reject(Object.assign(new Error("Blocked hostname"), { name: "SsrFBlockedError" }));
    expect(await send()).toEqual({ kind: "failed", permanent: true, error: "Blocked hostname" });
  });

  test.each([
    ["user name and password", "https://user:hunter2@example.com/x"],
    ["a user name alone", "https://hunter2@example.com/x"],
    ["another scheme", "ftp://hunter2.example.com/x"],
    ["no URL", "#hunter2"],
    ["a port that fetch never connects to", "http://127.0.0.1:10080/hunter2"],
  ])("an address with %s is refused before anything is fetched, and not repeated", async (_, to) => {
    deps.fetch = ({ url }) => Promise.reject(new Error(`Request cannot be constructed from a URL: ${url}`));
    const result = await send({ to });
    expect(result).toMatchObject({ kind: "failed", permanent: true });
    expect(JSON.stringify(result)).not.toContain("hunter2");
  });

  test.each([
    ["GuardedFetchRedirectError", "Too many redirects (limit: 0)"],
    ["Error", "Too many redirects (limit: 0)"],
    ["Error", "Redirect missing location header (302)"],
  ])("%s: %s is not tried again", async (name, text) => {
    deps.fetch = () => Promise.reject(Object.assign(new Error(text), { name }));
    expect(await send()).toMatchObject({ permanent: true, error: expect.stringContaining("redirects") });
  });

  test("a host whose name speaks of redirects may be found later", async () => {
    deps.fetch = () => Promise.reject(new Error("getaddrinfo EAI_AGAIN redirect.example.com"));
    expect(await send()).toMatchObject({ permanent: false, error: expect.stringContaining("EAI_AGAIN") });
  });

  test("a redirect refused by the guard is named", async () => {
    deps.fetch = () => Promise.reject(Object.assign(new Error("x"), { name: "GuardedFetchRedirectError" }));
    expect(await send()).toMatchObject({ permanent: true, error: expect.stringContaining("redirects") });
  });

  test("a token that cannot be resolved keeps the message back", async () => {
    deps.token = () => Promise.reject(new Error("no such secret"));
    expect(await send()).toMatchObject({ kind: "failed", permanent: false });
    expect(receiver.requests).toEqual([]);
  });
});

describe("Retry-After", () => {
  test.each([
    ["120", 120_000],
    [" 0 ", 0],
    ["Sat, 21 Nov 2026 00:00:30 GMT", 30_000],
    ["Fri, 20 Nov 2026 00:00:00 GMT", 0],
  ])("%j is %i ms", (header, expected) => {
    expect(parseRetryAfterMs(header, NOW_MS)).toBe(expected);
  });

  test.each([null, "", "soon", "-5"])("%j says nothing", (header) => {
    expect(parseRetryAfterMs(header, NOW_MS)).toBeUndefined();
  });
});
