import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { silentLogger } from "../../../src/kernel/logger.ts";
import { createDropFiles, type DropFiles } from "../../../src/outbox/drop/files.ts";
import { createIntake, type Intake } from "../../../src/outbox/drop/intake.ts";
import { testDir } from "../../helpers/after-test.ts";
import { OWNER, startTestOutbox, type TestOutbox } from "../fixture.ts";

let dir: string;
let test: TestOutbox;
let files: DropFiles;
let intake: Intake;
let reads: string[];

beforeEach(async () => {
  dir = testDir("cc-drop-");
  test = await startTestOutbox({ start: false });
  files = createDropFiles(dir);
  await files.prepare();
  reads = [];
  const counted: DropFiles = {
    ...files,
    read(name) {
      reads.push(name);
      return files.read(name);
    },
  };
  const { ledger, clock, events, outbox } = test;
  const enqueue = outbox.enqueue;
  intake = createIntake(counted, {
    ledger,
    clock,
    events,
    logger: silentLogger,
    config: { alerts: { destination: OWNER } },
    enqueue,
    kick: () => {},
  });
});
afterEach(async () => {
  await test.close();
});

function drop(name: string, task: string, ageSeconds = 10): void {
  const path = join(files.pendingDir, name);
  writeFileSync(path, `team: a\nworker: w\ntaskId: ${task}\nstatus: normal\n`);
  const at = test.clock.nowMs() / 1000 - ageSeconds;
  utimesSync(path, at, at);
}

async function lookAtAll(): Promise<void> {
  for (const file of await files.look(await files.names())) await intake.takeUp(file);
}

it("reads no version of a file twice, and a new one once", async () => {
  for (let n = 0; n < 20; n += 1) drop(`r${n}.md`, `T-${n}`);
  for (let n = 0; n < 3; n += 1) await lookAtAll();
  expect(reads.toSorted()).toEqual(Array.from({ length: 20 }, (_, n) => `r${n}.md`).toSorted());
  drop("r7.md", "T-7 again", 5);
  await lookAtAll();
  expect(reads.slice(20)).toEqual(["r7.md"]);
});

it("one file that cannot be read stops none of the others", async () => {
  for (let n = 0; n < 5; n += 1) drop(`r${n}.md`, `T-${n}`);
  const { read } = files;
  files.read = (name) => (name === "r2.md" ? Promise.reject(new Error("input/output error")) : read(name));
  await lookAtAll();
  const tasks = test.ledger.deliveries
    .list({ limit: 10, offset: 0 })
    .rows.map(({ content }) => /T-\d/.exec(content.text)?.[0]);
  expect(tasks.toSorted()).toEqual(["T-0", "T-1", "T-3", "T-4"]);
  expect(test.ledger.notices.open()).toMatchObject([{ code: "REPORT_UNREADABLE", key: "r2.md" }]);
  files.read = read;
  await lookAtAll();
  expect(test.ledger.notices.open()).toEqual([]);
});

it("a named pipe or a link under a report's name is neither followed nor waited for", async () => {
  const { symlinkSync } = await import("node:fs");
  writeFileSync(join(dir, "elsewhere"), "team: a\nworker: w\ntaskId: T\nstatus: normal\n");
  symlinkSync(join(dir, "elsewhere"), join(files.pendingDir, "link.md"));
  expect(await files.look(["link.md"])).toEqual([]);
  await expect(files.read("link.md")).rejects.toMatchObject({ code: "ELOOP" });
});
