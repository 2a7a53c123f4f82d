import { expect, it } from "vitest";
import { DOWN, SENT, startTestOutbox } from "./fixture.ts";

it("does not wait for the time that a clock was set back by", async () => {
  const test = await startTestOutbox({ config: { delivery: { backoffSeconds: [0, 300], jitter: 0 } } });
  test.answer(DOWN);
  const id = test.put("x");
  await test.advance(10_000);
  test.answer(SENT);
  test.clock.setWall(test.clock.nowMs() - 3_600_000);
  await test.advance(30_000);
  expect(test.get(id)).toMatchObject({ state: "sent", attempts: 2 });
  await test.close();
});
