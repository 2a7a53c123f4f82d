import { beforeEach, describe, expect, test } from "vitest";
import { createLogWriter } from "../../src/executor/log/writer.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { TICKET_MS } from "../../src/page/tickets.ts";
import { createDispatcher, METHODS } from "../../src/rpc/index.ts";
import { createFakeClock, type FakeClock } from "../helpers/clock.ts";
import { CALLER, startTestEngine, type TestEngine } from "../helpers/engine.ts";
import { type PageServer, startPageServer } from "../helpers/page.ts";
import { recordingEngine } from "../rpc/recording-engine.ts";

const HOSTILE = `<script>alert(1)</script>"'><img src=x onerror=alert(2)> \u202egnp.exe \u0007 </title>`;

describe("who may read", () => {
  const clock: FakeClock = createFakeClock();
  const recorded = recordingEngine();
  let server: PageServer;
  beforeEach(async () => {
    recorded.calls.length = 0;
    server = await startPageServer({ dispatcher: createDispatcher(() => recorded.engine), clock });
  });

  const refusal = {
    ok: false,
    error: { code: "TICKET_REFUSED", message: expect.stringContaining("Load the page again") },
  };

  test("nobody without a ticket, with a wrong one, an ended one, or one of before a restart", async () => {
    const { ticket } = await server.open();
    // The document reads as well.
    recorded.calls.length = 0;
    expect((await server.read(ticket, "status")).status).toBe(200);
    const [id = "", secret = ""] = ticket.split(".");
    const stopped = ticket;
    for (const wrong of ["", "x", id, `${id}.${"A".repeat(secret.length)}`]) {
      expect(await server.read(wrong, "status")).toEqual({ status: 401, body: refusal });
    }
    const bare = await server.get("/plugins/command-cron/read/status");
    expect([bare.status, await bare.json()]).toEqual([401, refusal]);
    await clock.advance(TICKET_MS);
    expect(await server.read(ticket, "status")).toEqual({ status: 401, body: refusal });
    await server.close();
    server = await startPageServer({ dispatcher: createDispatcher(() => recorded.engine), clock });
    expect(await server.read(stopped, "status")).toEqual({ status: 401, body: refusal });
    expect(recorded.calls.map(({ method }) => method)).toEqual(["status"]);
  });

  test("a ticket changes nothing: every method that could is refused by its scope, whatever its name looks like", async () => {
    const { ticket } = await server.open();
    recorded.calls.length = 0;
    const writing = METHODS.filter(({ scope }) => scope !== "operator.read").map(({ name }) => name);
    expect(writing.length).toBeGreaterThan(10);
    const odd = [
      "",
      "nothing",
      "%",
      "%00",
      "..%2Frun",
      "run/",
      "status%2F..%2Frun",
      "__proto__",
      "constructor",
      "cron.add",
      "RUN",
    ];
    for (const name of [...writing, ...writing.map((name) => name.replace("cron.command.", "")), ...odd]) {
      const { status, body } = await server.read(ticket, name, { id: "x" });
      expect([name, status, body["ok"]]).toEqual([name, 403, false]);
    }
    expect(recorded.calls).toEqual([]);
  });

  test("nothing but reading: other verbs are refused before the ticket is looked at", async () => {
    const { ticket } = await server.open();
    recorded.calls.length = 0;
    for (const method of ["POST", "PUT", "DELETE"]) {
      const { status } = await server.get(`/plugins/command-cron/read/status?ticket=${ticket}`, { method });
      expect(status).toBe(405);
    }
    expect(recorded.calls).toEqual([]);
  });
});

describe("what is read", () => {
  let engine: TestEngine;
  let server: PageServer;
  beforeEach(async () => {
    engine = await startTestEngine();
    server = await startPageServer({ dispatcher: createDispatcher(() => engine.engine), clock: engine.clock });
  });

  test("is exactly what the method answers, and a refusal is the method's own", async () => {
    const { ticket } = await server.open();
    const id = await engine.add({ name: "plain" });
    expect((await server.read(ticket, "get", { id })).body).toEqual({ ok: true, result: engine.engine.getJob(id) });
    const missing = await server.read(ticket, "get", { id: "no such" });
    expect(missing).toMatchObject({ status: 400, body: { ok: false, error: { code: "JOB_NOT_FOUND" } } });
    const unfit = await server.read(ticket, "list", { limit: "many" });
    expect(unfit).toMatchObject({ status: 400, body: { error: { code: "INVALID_PARAMS" } } });
    const broken = await server.get(
      `/plugins/command-cron/read/list?ticket=${ticket}&params=${encodeURIComponent("{")}`,
    );
    expect([broken.status, await broken.json()]).toMatchObject([400, { error: { code: "INVALID_PARAMS" } }]);
  });

  test("is text for whoever asks, whatever a job is called or says of itself", async () => {
    const { ticket } = await server.open();
    const id = await engine.add({ name: HOSTILE, displayName: HOSTILE, description: HOSTILE });
    const path = `/plugins/command-cron/read/get?${new URLSearchParams({ ticket, params: JSON.stringify({ id }) })}`;
    const { headers, status } = await server.get(path);
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("access-control-allow-credentials")).toBeNull();
    const { body } = await server.read(ticket, "get", { id });
    expect((body["result"] as { name: string }).name).toBe(HOSTILE);
  });

  test("is the log byte for byte: colours, NUL, right-to-left marks, broken letters", async () => {
    const printed = Buffer.concat([
      Buffer.from("\u001b[31mred\u001b[0m \u202eabc \u0000</pre>\r\n"),
      Buffer.from([0xff, 0xc3, 0x28]),
    ]);
    const id = await engine.add({ name: "talker" });
    const { runId = "" } = await engine.engine.runJob(id, CALLER, {});
    await engine.clock.advance(10);
    const dir = engine.runner.started.at(-1)?.logDir ?? "";
    const log = createLogWriter({ dir, budgetBytes: 67_108_864, clock: systemClock, onRoom: () => {} });
    log.append("stdout", printed);
    await log.close();
    const { ticket } = await server.open();
    const { body } = await server.read(ticket, "log", { runId });
    const { chunks } = body["result"] as { chunks: { dataBase64: string }[] };
    expect(Buffer.concat(chunks.map(({ dataBase64 }) => Buffer.from(dataBase64, "base64")))).toEqual(printed);
  });

  test("while the service is stopped, that is said", async () => {
    const stopped = await startPageServer({ dispatcher: createDispatcher(() => undefined), clock: engine.clock });
    try {
      const { ticket } = await stopped.open();
      const answer = await stopped.read(ticket, "status");
      expect(answer).toMatchObject({ status: 503, body: { ok: false, error: { code: "SERVICE_STOPPED" } } });
    } finally {
      await stopped.close();
    }
  });
});
