import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { afterEach, describe, expect, it } from "vitest";
import { outside } from "../../src/host/gateway/index.ts";

const GATEWAYS = Symbol.for("openclaw.detachedAsyncContext");
const shared = globalThis as unknown as Record<symbol, unknown>;
const request = new AsyncLocalStorage<string>();

/** What a timer sees that is set inside a request. */
const seenByTimer = () =>
  request.run("a reload", () =>
    outside(() => new Promise((done) => setTimeout(() => done(request.getStore() ?? "no request"), 1))),
  );

afterEach(() => {
  delete shared[GATEWAYS];
});

describe("what a request starts and outlives it", () => {
  it("is no part of the request", async () => {
    expect(await seenByTimer()).toBe("no request");
  });

  it("uses the gateway's own way out, where there is one", async () => {
    shared[GATEWAYS] = request.run("the gateway's root", () => new AsyncResource("root"));
    expect(await seenByTimer()).toBe("the gateway's root");
  });
});
