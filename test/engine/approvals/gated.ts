import type { JobInput } from "../../../schema/wire/job.ts";
import { settle } from "../../helpers/clock.ts";
import { startTestEngine, type TestEngine } from "../../helpers/engine.ts";

/** Somebody with `operator.approvals`. */
export const ANNA = { label: "anna" };

/** A job whose every start waits. */
export const gated = (change: Partial<JobInput> = {}): Partial<JobInput> => ({
  ...change,
  policy: { approval: { required: true }, ...change.policy },
});

/** What waits, the newest first. */
export const waiting = ({ engine }: TestEngine) => engine.approvals({ openOnly: true, limit: 50, offset: 0 }).approvals;

/** Where every run stands, the oldest first. */
export const standing = ({ engine }: TestEngine): string[] =>
  engine
    .runs({ limit: 200, offset: 0, sortDir: "asc" })
    .entries.map(({ runStatus, reason }) => (reason === undefined ? runStatus : `${runStatus}: ${reason}`));

/** Lets time pass and everything that follows from it happen, files that are read included. */
export async function pass(test: TestEngine, ms = 0): Promise<void> {
  await test.clock.advance(ms);
  await settle(10);
}

/** The one request that waits, when all is known of it. */
export async function asked(test: TestEngine) {
  await settle(10);
  const [request] = waiting(test);
  if (request?.hash === undefined) throw new Error(`nothing is asked: ${JSON.stringify(request)}`);
  return request;
}

export { settle, startTestEngine, type TestEngine };
