import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { waitFor } from "../../helpers/wait-for.ts";
import { drop, lists, report, round, start } from "./fixture.ts";

describe("moving a file of the drop", () => {
  it("never takes a version that came meanwhile for the one that was sent", async () => {
    const test = await start();
    const { pendingDir } = test.outbox.dropbox;
    const next = join(test.dir, "next");
    const replace = (text: string, ageSeconds: number): void => {
      writeFileSync(next, text);
      const at = test.clock.nowMs() / 1000 - ageSeconds;
      utimesSync(next, at, at);
      renameSync(next, join(pendingDir, "status.md"));
    };
    const said: string[] = [];
    for (let n = 0; n < 40; n += 1) {
      replace(report(`A-${n}`), 10);
      const sent = new Promise<void>((done) => {
        const off = test.events.on("delivery-changed", async ({ state }) => {
          if (state !== "sent") return;
          off();
          // The move of the first version is under way, and the second comes at some point of it; also with an old time.
          await sleep((n % 8) * 0.4);
          replace(report(`B-${n}`), n % 2 === 0 ? 5 : 5_000);
          done();
        });
      });
      await round(test);
      await sent;
      await round(test);
      said.push(`A-${n}`, `B-${n}`);
    }
    expect(test.texts().map((text) => /[AB]-\d+/.exec(text)?.[0])).toEqual(said);
    expect(lists(test).pending).toEqual([]);
  });

  it("brings back a file that a crash caught between the two places", async () => {
    const test = await start();
    drop(test, "sent.md", report("T-1"));
    await round(test);
    const moving = join(test.dir, "reports", ".moving");
    renameSync(join(test.outbox.dropbox.sentDir, "sent.md"), join(moving, "fresh.md"));
    drop(test, "newer.md", report("T-3"), 5);
    writeFileSync(join(moving, "newer.md"), report("T-2"));
    await test.restart();
    await waitFor(async () => {
      await test.clock.advance(1_000);
      await round(test);
      return lists(test).pending.length === 0;
    });
    expect(readdirSync(moving)).toEqual([]);
    expect(
      test
        .texts()
        .map((text) => /T-\d/.exec(text)?.[0])
        .sort(),
    ).toEqual(["T-1", "T-1", "T-2", "T-3"]);
  });

  it("tries a move again that did not work, and sends nothing twice", async () => {
    const test = await start();
    const moving = join(test.dir, "reports", ".moving");
    await waitFor(() => existsSync(moving));
    rmSync(moving, { recursive: true });
    writeFileSync(moving, "in the way");
    drop(test, "r.md", report("T-1"));
    await round(test);
    expect(lists(test).pending).toEqual(["r.md"]);
    expect(test.ledger.notices.open()).toMatchObject([{ code: "REPORT_UNREADABLE", key: "r.md" }]);
    rmSync(moving);
    mkdirSync(moving);
    await test.clock.advance(30_000);
    await waitFor(() => lists(test).pending.length === 0);
    expect(lists(test).sent).toEqual(["r.md"]);
    expect(test.sent).toHaveLength(1);
    expect(test.ledger.notices.open()).toEqual([]);
  });
});
