import { beforeEach, expect, it } from "vitest";
import { answerCommand } from "../../../src/host/chat/command.ts";
import { asked, gated } from "../../engine/approvals/gated.ts";
import { startTestEngine, type TestEngine } from "../../helpers/engine.ts";
import { deedsOn } from "./fixture.ts";

let test: TestEngine;
beforeEach(async () => {
  test = await startTestEngine({
    config: { alerts: { after: 1, destination: { mode: "announce", channel: "irc", to: "#ops" } } },
  });
  await test.add({ name: "nightly export", schedule: { kind: "every", everyMs: 3_600_000 } });
});
const say = (line: string) => answerCommand(deedsOn(test, "telegram:777"), line, test.clock.nowMs());

it("/cron lists jobs, runs and alerts, and acts on them by name", async () => {
  expect(await say("list")).toMatch(/^· nightly export \([0-9a-f]{8}\) · in 1 h$/);
  expect(await say("list zzz")).toBe("There is no such job.");
  expect(await say("runs nightly export")).toBe("nightly export has not run yet.");
  expect(await say("run nightly export")).toMatch(/^Run [0-9a-f]{8} of nightly export, asked for by telegram:777: /);
  expect(await say("run nightly export")).toBe("It is running already; nothing was started.");
  expect(await say("stop nightly export")).toMatch(/^Stopped: [0-9a-f]{8}\.$/);
  expect(await say("stop nightly export")).toBe("Nothing is running there any more; nothing was stopped.");
  await say("run nightly export");
  test.runner.end([...test.runner.running.keys()][0] ?? "", { exitCode: 4 });
  await test.clock.advance(1_000);
  expect(await say("runs nightly export")).toMatch(
    /^[0-9a-f]{8} · failed, exit 4 after .* ago\n[0-9a-f]{8} · canceled/,
  );
  expect(await say("list")).toMatch(/^✗ nightly export/);
  expect(await say("alerts")).toMatch(/^✗ nightly export · exit 4 · for /);
  expect(await say("silence nightly export 2h")).toMatch(/^Silent about nightly export for 2 h, until /);
  expect(await say("ack nightly export")).toBe("Acknowledged: nightly export. Only its end is told.");
  expect(await say("alerts")).toContain("known to telegram:777");
  expect(await say("disable nightly export")).toMatch(/^nightly export is off now\./);
  expect(await say("list")).toMatch(/^– nightly export \([0-9a-f]{8}\) · off$/);
  expect(await say("enable nightly export")).toBe("nightly export is on now.");
});

it("/cron takes names as they are: with two blanks, and with what looks like a duration at their end", async () => {
  await test.add({ name: "two  blanks" });
  await test.add({ name: "Report 1h" });
  for (const name of ["two  blanks", "Report 1h"]) {
    expect(await say(`run ${name}`)).toMatch(new RegExp(`^Run [0-9a-f]{8} of ${name}, `));
    test.runner.end([...test.runner.running.keys()].at(-1) ?? "", { exitCode: 4 });
    await test.clock.advance(1_000);
  }
  expect(await say("silence two  blanks  2h")).toMatch(/^Silent about two {2}blanks for 2 h, /);
  expect(await say("silence Report 1h")).toMatch(/^Silent about Report 1h for 1 h, /);
  expect(await say("silence Report 1h 3h")).toMatch(/^Silent about Report 1h for 3 h, /);
  expect(await say("silence Report 2h")).toContain("nothing to be silent about");
});

it("/cron answers what it does not know with what there is", async () => {
  const help = await say("");
  expect(help).toContain("/cron silence <job> [1h]: ");
  for (const line of ["help", "constructor", "rm -rf"]) expect(await say(line)).toBe(help);
  expect(await say("run")).toBe("/cron run <job>: run it now");
  expect(await say("run nobody")).toContain("There is no such job");
  expect(await say("silence nightly export")).toContain("nothing to be silent about");
});

it("/cron lists what waits for a decision, and decides about what was read", async () => {
  await test.add(gated({ name: "drop tables" }));
  await say("run drop tables");
  const { runId, hash = "" } = await asked(test);
  const [run, digits] = [runId.slice(0, 8), hash.slice(0, 8)];
  expect(await say("approvals")).toMatch(new RegExp(`^drop tables: .* left\n {2}/cron approve ${run} ${digits}$`));
  expect(await say(`approve ${run}`)).toBe(
    "/cron approve <run> <hash>: let it start, as the list of approvals shows it",
  );
  expect(await say(`approve ${run} 00000000`)).not.toContain("Approved");
  // A telephone writes capitals where it likes.
  expect(await say(`approve ${run} ${digits?.toUpperCase()}`)).toBe("Approved by telegram:777: drop tables.");
  expect(await say("approvals")).toBe("Nothing waits for a decision.");
  await test.clock.advance(1_000);
  test.runner.end([...test.runner.running.keys()][0] ?? "", { exitCode: 0 });
  await test.clock.advance(1_000);
  await say("run drop tables");
  const other = await asked(test);
  expect(await say(`reject ${other.runId.slice(0, 8)} not on a Friday`)).toBe("Rejected by telegram:777: drop tables.");
});
