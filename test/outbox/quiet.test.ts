import { describe, expect, it } from "vitest";
import type { QuietHours } from "../../schema/wire/config.ts";
import { DEV, DOWN, HOOK, OPS, SENT, startTestOutbox, type TestOutbox } from "./fixture.ts";

async function start(quietHours: QuietHours[]): Promise<TestOutbox> {
  return startTestOutbox({ config: { delivery: { quietHours, jitter: 0 } }, instantDisk: true });
}
const HOUR = 3_600_000;
/** The fake clock starts at noon. */
const NOON: QuietHours = { start: "11:00", end: "13:00" };

describe("quiet hours", () => {
  it("hold routine output and send it as one digest at their end", async () => {
    const test = await start([NOON]);
    const jobId = test.addJob({ name: "nightly" });
    const runId = test.addRun(jobId);
    const first = test.put("first output", { jobId, runId });
    await test.advance(10 * 60_000);
    const second = test.put("a report", { kind: "report" });
    await test.advance(40 * 60_000);
    expect(test.sent).toEqual([]);
    expect(test.ledger.runs.get(runId)?.deliveryStatus).toBe("pending");
    await test.advance(10 * 60_000);
    expect(test.sent).toHaveLength(1);
    expect(test.sent[0]).toMatchObject({ to: "#ops" });
    expect(test.texts()[0]).toBe(
      [
        "Held during quiet hours: 2 messages",
        "2027-01-04 12:00:00 nightly\nfirst output",
        "2027-01-04 12:10:00 report\na report",
      ].join("\n\n"),
    );
    const digestId = test.sent[0]?.deliveryId ?? "";
    for (const id of [first, second]) {
      expect(test.get(id)).toMatchObject({ state: "suppressed", reason: `digest ${digestId}` });
    }
    expect(test.get(digestId)).toMatchObject({ kind: "digest", state: "sent" });
    expect(test.ledger.runs.get(runId)?.deliveryStatus).toBe("delivered");
  });

  it("never hold a fault, not even behind something held", async () => {
    const test = await start([NOON]);
    test.put("routine");
    for (const kind of ["alert", "recovery", "notice", "completion"] as const) test.put(kind, { kind });
    test.put("failed run", { kind: "result", routine: false });
    await test.outbox.idle();
    expect(test.texts()).toEqual(["alert", "recovery", "notice", "completion", "failed run"]);
  });

  it("leave other times and other destinations alone", async () => {
    const test = await start([{ ...NOON, to: "#ops" }]);
    test.put("held");
    test.put("other target", { destination: DEV });
    await test.outbox.idle();
    expect(test.texts()).toEqual(["other target"]);
    await test.advance(HOUR);
    test.put("afternoon");
    await test.outbox.idle();
    expect(test.texts().slice(1)).toEqual([expect.stringContaining("held"), "afternoon"]);
  });

  it("are read in the zone they name", async () => {
    const berlinNoonIsElevenUtc = await start([{ start: "12:30", end: "13:30", tz: "Europe/Berlin" }]);
    berlinNoonIsElevenUtc.put("held");
    await berlinNoonIsElevenUtc.outbox.idle();
    expect(berlinNoonIsElevenUtc.sent).toEqual([]);
    const utc = await start([{ start: "12:30", end: "13:30", tz: "UTC" }]);
    utc.put("goes");
    await utc.outbox.idle();
    expect(utc.texts()).toEqual(["goes"]);
  });

  it("are for people: a webhook is held only by its own address", async () => {
    const everyone = await start([NOON]);
    everyone.put("x", { destination: HOOK });
    await everyone.outbox.idle();
    expect(everyone.sent).toHaveLength(1);
    const named = await start([{ ...NOON, to: HOOK.to ?? "" }]);
    const id = named.put("x", { destination: HOOK });
    await named.outbox.idle();
    expect(named.sent).toEqual([]);
    await named.advance(HOUR);
    expect(JSON.parse(named.sent[0]?.body ?? "")).toMatchObject({
      action: "digest",
      items: [{ deliveryId: id, kind: "result", text: "x" }],
    });
  });

  it("survive a restart, and a clock that was set back", async () => {
    const test = await start([NOON]);
    test.put("held");
    await test.restart();
    test.clock.setWall(test.clock.nowMs() - 1_000);
    await test.advance(30 * 60_000);
    expect(test.sent).toEqual([]);
    await test.advance(HOUR);
    expect(test.sent).toHaveLength(1);
  });

  it("make one digest of a night's output, shortened where it is long, each message still to be had whole", async () => {
    const test = await start([NOON]);
    const long = "x".repeat(50_000);
    const ids = Array.from({ length: 300 }, (_, index) => test.put(`${index} ${long}`));
    await test.advance(HOUR);
    expect(test.sent).toHaveLength(1);
    expect(Buffer.byteLength(test.texts()[0] ?? "")).toBeLessThan(100_000);
    expect(test.texts()[0]).toContain("and 100 more");
    expect(test.get(ids[0] ?? "").content.text).toHaveLength(50_002);
    expect(test.ledger.deliveries.counts()).toMatchObject({ suppressed: 300, pending: 0, sent: 1 });
  });

  it("pass the fate of the digest on to the runs in it", async () => {
    const test = await start([NOON]);
    const jobId = test.addJob();
    const runId = test.addRun(jobId);
    test.put("x", { jobId, runId });
    test.answer(DOWN);
    await test.advance(HOUR);
    expect(test.ledger.runs.get(runId)).toMatchObject({
      deliveryStatus: "pending",
      deliveryError: "connection refused",
    });
    test.answer({ kind: "failed", permanent: true, error: "HTTP 404" });
    await test.advance(5_000);
    expect(test.ledger.runs.get(runId)).toMatchObject({ deliveryStatus: "not-delivered" });
  });

  it("end early for what waits with what an operator wants now", async () => {
    const test = await start([NOON]);
    test.put("first");
    const id = test.put("second");
    test.put("third");
    await test.outbox.idle();
    test.outbox.retry(id, "ann");
    await test.outbox.idle();
    expect(test.texts()).toEqual([expect.stringMatching(/first.*second.*third/s)]);
    test.put("x");
    await test.outbox.idle();
    expect(test.sent.length).toBe(1);
  });

  it("hold nothing when start and end are the same", async () => {
    const test = await start([{ start: "12:00", end: "12:00" }]);
    test.answer(SENT);
    test.put("x", { destination: OPS });
    await test.outbox.idle();
    expect(test.texts()).toEqual(["x"]);
  });
});
