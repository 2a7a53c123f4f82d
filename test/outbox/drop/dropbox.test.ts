import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DAY_MS } from "../../../src/kernel/durations.ts";
import { settle } from "../../helpers/clock.ts";
import { waitFor } from "../../helpers/wait-for.ts";
import { DEV, DOWN, REFUSED, SENT, startTestOutbox } from "../fixture.ts";
import { drop, lists, report, round, start } from "./fixture.ts";

describe("the file drop", () => {
  it("moves a file to sent when its delivery is sent, whole and unchanged", async () => {
    const test = await start();
    drop(test, "r1.md", report("T-1"));
    await round(test);
    expect(lists(test)).toEqual({ pending: [], sent: ["r1.md"] });
    expect(readFileSync(join(test.outbox.dropbox.sentDir, "r1.md"), "utf8")).toBe(report("T-1"));
    expect(test.sent).toMatchObject([{ to: "#owner" }]);
    expect(test.texts()[0]).toContain("Body of T-1: ünïcödé 🚀\n");
    for (const part of ["alpha", "w1", "T-1", "80%", "完成", "далее", "normal", "checkpoint"]) {
      expect(test.texts()[0]).toContain(part);
    }
  });

  it("has fixed places, for the gateway's user alone", async () => {
    const test = await startTestOutbox();
    await waitFor(() => existsSync(test.outbox.dropbox.sentDir));
    expect(test.outbox.dropbox.pendingDir).toBe(join(test.dir, "reports", "pending"));
    expect(test.outbox.dropbox.sentDir).toBe(join(test.dir, "reports", "sent"));
    expect(statSync(test.outbox.dropbox.pendingDir).mode & 0o777).toBe(0o700);
  });

  it("touches nothing once it has stopped, however soon that is", async () => {
    const test = await startTestOutbox();
    await test.close();
    await settle();
    expect(existsSync(test.outbox.dropbox.pendingDir)).toBe(false);
  });

  it("leaves a file where it is while it is not sent, and everything behind it", async () => {
    const test = await start();
    test.answer((message) => (message.text.includes("T-2") ? DOWN : SENT));
    drop(test, "a.md", report("T-1"), 30);
    drop(test, "b.md", report("T-2"), 20);
    drop(test, "c.md", report("T-3"), 10);
    await round(test);
    expect(lists(test)).toEqual({ pending: ["b.md", "c.md"], sent: ["a.md"] });
    test.answer(SENT);
    await test.advance(5_000);
    await round(test);
    expect(lists(test)).toEqual({ pending: [], sent: ["a.md", "b.md", "c.md"] });
    expect(test.texts().map((text) => /T-\d/.exec(text)?.[0])).toEqual(["T-1", "T-2", "T-2", "T-3"]);
  });

  it("takes the oldest first, by time and then by name", async () => {
    const test = await start();
    test.outbox.pause("announce/irc/#owner");
    drop(test, "new.md", report("T-3"), 5);
    drop(test, "b.md", report("T-2"), 50);
    drop(test, "a.md", report("T-1"), 50);
    await test.outbox.dropbox.scan();
    test.outbox.resume("announce/irc/#owner");
    await test.outbox.idle();
    expect(test.texts().map((text) => /T-\d/.exec(text)?.[0])).toEqual(["T-1", "T-2", "T-3"]);
  });

  it("sends a file once, however often it is looked at and over restarts", async () => {
    const test = await start();
    test.answer(DOWN);
    drop(test, "a.md", report("T-1"));
    for (let n = 0; n < 3; n += 1) await round(test);
    await test.restart();
    await round(test);
    expect(test.ledger.deliveries.list({ limit: 10, offset: 0 }).total).toBe(1);
    test.answer(SENT);
    await test.advance(5_000);
    await test.restart();
    await round(test);
    expect(lists(test)).toEqual({ pending: [], sent: ["a.md"] });
    expect(test.ledger.deliveries.list({ limit: 10, offset: 0 }).total).toBe(1);
  });

  it("does not send again what was sent just before a crash kept it from being moved", async () => {
    const test = await start();
    test.outbox.pause("announce/irc/#owner");
    drop(test, "a.md", report("T-1"));
    await test.outbox.dropbox.scan();
    await test.outbox.dropbox.stop();
    test.outbox.resume("announce/irc/#owner");
    await test.outbox.idle();
    expect(lists(test).pending).toEqual(["a.md"]);
    await test.restart({ crash: true });
    await round(test);
    expect(lists(test)).toEqual({ pending: [], sent: ["a.md"] });
    expect(test.sent).toHaveLength(1);
  });

  it("takes the same words for a new report when they are put down again later", async () => {
    const test = await start();
    drop(test, "status.md", report("T-1"));
    await round(test);
    await test.advance(60_000);
    drop(test, "status.md", report("T-1"), 5);
    await round(test);
    expect(test.sent).toHaveLength(2);
    expect(lists(test).pending).toEqual([]);
    expect(lists(test).sent).toHaveLength(2);
  });

  it("waits for a file that is still being written, and for those behind it", async () => {
    const test = await start();
    drop(test, "a.md", "---\nteam: alpha\n", 0.5);
    await round(test);
    expect(test.ledger.notices.open()).toEqual([]);
    drop(test, "a.md", report("T-1"), 0.2);
    await test.clock.advance(1_000);
    await waitFor(async () => {
      await round(test);
      return lists(test).sent.length === 1;
    });
    expect(test.sent).toHaveLength(1);
  });

  it("leaves an unreadable file, says why once, and lets readable ones pass", async () => {
    const test = await start();
    drop(test, "log.md", "2027-01-04 INFO all fine\n", 30);
    drop(test, "good.md", report("T-1"), 10);
    await round(test);
    await round(test);
    expect(lists(test)).toEqual({ pending: ["log.md"], sent: ["good.md"] });
    expect(test.ledger.notices.open()).toMatchObject([{ code: "REPORT_UNREADABLE", key: "log.md", times: 1 }]);
    expect(test.ledger.notices.open()[0]?.message).toContain("log.md");
    drop(test, "log.md", report("T-2"), 5);
    await round(test);
    expect(lists(test).pending).toEqual([]);
    expect(test.ledger.notices.open()).toEqual([]);
  });

  it("follows the file's own destination, else the configured one, else says that there is none", async () => {
    const test = await start();
    drop(test, "own.md", report("T-1", `channel: irc\nto: ${DEV.to}\n`));
    drop(test, "fixed.md", report("T-2"));
    await round(test);
    expect(test.sent.map(({ to }) => to).sort()).toEqual(["#dev", "#owner"]);
    const without = await startTestOutbox();
    mkdirSync(without.outbox.dropbox.pendingDir, { recursive: true });
    drop(without, "r.md", report("T-3"));
    await without.outbox.dropbox.scan();
    expect(without.ledger.notices.open()).toMatchObject([{ code: "REPORT_UNREADABLE" }]);
  });

  it("leaves other things in the directory alone", async () => {
    const test = await start();
    const dir = test.outbox.dropbox.pendingDir;
    mkdirSync(join(dir, "dir.md"));
    writeFileSync(join(dir, ".hidden.md"), report("T-1"));
    writeFileSync(join(dir, "notes.txt"), report("T-1"));
    await round(test);
    expect(test.sent).toEqual([]);
    expect(test.ledger.notices.open()).toEqual([]);
  });

  it("keeps both when a name was used before", async () => {
    const test = await start();
    drop(test, "r.md", report("T-1"));
    await round(test);
    drop(test, "r.md", report("T-2"));
    await round(test);
    expect(lists(test).sent).toHaveLength(2);
  });

  it("notices a new file by itself, at once", async () => {
    const test = await start();
    await test.clock.advance(0);
    drop(test, "r.md", report("T-1"));
    await waitFor(async () => {
      await test.clock.advance(100);
      return lists(test).sent.length === 1;
    });
    expect(test.texts()).toEqual([expect.stringContaining("T-1")]);
  });

  it("keeps a report whose delivery died: retried, it goes out and is moved", async () => {
    const test = await start();
    test.answer({ kind: "failed", permanent: true, error: "no such channel" });
    drop(test, "r.md", report("T-1"));
    await round(test);
    const [dead] = test.ledger.deliveries.list({ state: "dead", kind: "report", limit: 10, offset: 0 }).rows;
    expect(lists(test).pending).toEqual(["r.md"]);
    test.answer(SENT);
    test.outbox.retry(dead?.id ?? "", "ann");
    await round(test);
    expect(lists(test)).toEqual({ pending: [], sent: ["r.md"] });
  });

  it.each(["dead", "dropped"])(
    "does not take a report that was %s for a new one once its row is pruned",
    async (how) => {
      const test = await start();
      test.answer(REFUSED);
      drop(test, "r.md", report("T-1"));
      await round(test);
      const [row] = test.ledger.deliveries.list({ kind: "report", limit: 10, offset: 0 }).rows;
      if (how === "dropped") test.outbox.drop(row?.id ?? "", "ann");
      await test.advance(40 * DAY_MS);
      test.ledger.prune({ nowMs: test.clock.nowMs(), days: 30, runsPerJob: 10, budget: 1_000 });
      expect(test.ledger.deliveries.list({ limit: 10, offset: 0 }).total).toBe(0);
      test.answer(SENT);
      await round(test);
      await test.restart();
      await round(test);
      expect(test.sent).toHaveLength(1);
      expect(lists(test).pending).toEqual(["r.md"]);
      // Put down again it is a new report, and so is another one under its name.
      drop(test, "r.md", report("T-1"));
      await round(test);
      drop(test, "r.md", report("T-2"));
      await round(test);
      expect(test.sent).toHaveLength(3);
      expect(lists(test).pending).toEqual([]);
    },
  );

  it("remembers nothing of a file that is gone", async () => {
    const test = await start();
    test.answer(REFUSED);
    drop(test, "r.md", report("T-1"));
    await round(test);
    expect(test.ledger.getMeta("reports.taken")).toContain("r.md");
    rmSync(join(test.outbox.dropbox.pendingDir, "r.md"));
    await round(test);
    expect(test.ledger.getMeta("reports.taken")).toBe("{}");
  });
});
