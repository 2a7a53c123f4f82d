import { describe, expect, it } from "vitest";
import { ping } from "../../../src/host/delivery/webhook.ts";

const URL = "https://hc.example.com/secret-path";
const never = new AbortController().signal;
type Fetch = Parameters<typeof ping>[0]["fetch"];
const asking = (fetch: Fetch, url = URL): Promise<string | undefined> =>
  ping({ fetch, policy: () => "the policy" }, url, never);

describe("a heartbeat", () => {
  it("is a GET under the rules for webhooks, that follows no redirect", async () => {
    const asked: unknown[] = [];
    const answer = await asking(async (params) => {
      asked.push(params);
      return { response: new Response("ok") };
    });
    expect(answer).toBeUndefined();
    expect(asked).toEqual([
      expect.objectContaining({ url: URL, policy: "the policy", maxRedirects: 0, signal: never }),
    ]);
    expect(asked).toMatchObject([{ init: { method: "GET" } }]);
  });

  it("that is not taken says why, without its address", async () => {
    const blocked = Object.assign(new Error("Blocked hostname or private IP address: 127.0.0.1"), {
      name: "SsrFBlockedError",
    });
    const answers = await Promise.all([
      asking(async () => ({ response: new Response("", { status: 500 }) })),
      asking(() => Promise.reject(blocked)),
      asking(() => Promise.reject(new Error("asked all the same")), "ftp://hc.example.com/secret-path"),
    ]);
    expect(answers[0]).toBe("the receiver answered HTTP 500");
    expect(answers[1]).toContain("private IP address");
    expect(answers[2]).toContain("cannot be used");
    for (const answer of answers) expect(answer).not.toContain("secret-path");
  });
});
