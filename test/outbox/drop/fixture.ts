import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { OWNER, startTestOutbox, type TestOutbox } from "../fixture.ts";

export async function start(config = { alerts: { destination: OWNER } }): Promise<TestOutbox> {
  const test = await startTestOutbox({ config });
  mkdirSync(test.outbox.dropbox.pendingDir, { recursive: true });
  mkdirSync(test.outbox.dropbox.sentDir, { recursive: true });
  await test.outbox.dropbox.scan();
  return test;
}

export const report = (task: string, more = ""): string =>
  `---\nteam: alpha\nworker: w1\ntaskId: ${task}\nprogress: 80%\ndone: 完成\nnext: далее\nstatus: normal\nsource: checkpoint\n${more}---\nBody of ${task}: ünïcödé 🚀\n`;

/** Puts a file down as a producer would, `ageSeconds` ago. */
export function drop(test: TestOutbox, name: string, text: string, ageSeconds = 10): void {
  const path = join(test.outbox.dropbox.pendingDir, name);
  writeFileSync(path, text);
  const at = test.clock.nowMs() / 1000 - ageSeconds;
  utimesSync(path, at, at);
}

export const lists = (test: TestOutbox) => ({
  pending: readdirSync(test.outbox.dropbox.pendingDir).sort(),
  sent: readdirSync(test.outbox.dropbox.sentDir).sort(),
});

/** Looks, sends what is due, and looks again. */
export async function round(test: TestOutbox): Promise<void> {
  await test.outbox.dropbox.scan();
  await test.outbox.idle();
  await test.outbox.dropbox.scan();
}
