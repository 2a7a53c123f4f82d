import { expect, it } from "vitest";
import { newId } from "../../src/kernel/ids.ts";
import { createTeller } from "../../src/watch/index.ts";
import { definition, newJob } from "../helpers/ledger.ts";
import { startTestWatch } from "./fixture.ts";

const MINUTE = 60_000;
const MANY = 1_000;

it("a thousand incidents within a minute are one message, and one again for the next of a group", async () => {
  const { ledger, clock, judging } = startTestWatch();
  const destinations = { ops: { channel: "irc", to: "#ops" }, sms: { channel: "telegram", to: "777" } };
  const config = { destinations, groups: { oncall: ["ops", "sms"] } };
  const teller = createTeller({ ...judging, config });
  const atMs = clock.nowMs();
  ledger.transaction(() => {
    for (let n = 0; n < MANY; n += 1) {
      const [id, jobId] = [newId(), newId()];
      const made = definition({ name: `job-${n}`, delivery: { mode: "announce", to: "@oncall" } });
      ledger.jobs.insert(newJob(jobId, { definition: made, createdAtMs: atMs, cursorMs: atMs }));
      ledger.alerts.open({ id, jobId, cause: "exit:1", atMs });
      ledger.alerts.touch(id, { about: "exit 1", tellAtMs: atMs + Math.floor((n * MINUTE) / MANY) });
    }
  });
  const look = () =>
    ledger
      .transaction(() => teller.flush())
      .map(({ destination, content }) => [destination.to, content.text.split("\n")[0]]);
  const heard = [];
  for (let waited = 0; waited < 40; waited += 1) {
    heard.push(...look());
    await clock.advance(MINUTE / 2);
  }
  expect(heard).toEqual([
    ["#ops", "⚠ 1000 incidents on web-1"],
    ["777", "⚠ 1000 incidents on web-1"],
  ]);
});
