import { describe, expect, it } from "vitest";
import type { DeliveryState } from "../../schema/wire/delivery.ts";
import type { OutboundMessage, SendResult } from "../../src/outbox/port.ts";
import fc from "../helpers/fc.ts";
import { DEV, HOOK, OPS, startTestOutbox, type TestOutbox } from "./fixture.ts";

const DESTINATIONS = [OPS, DEV, HOOK];
const ANSWERS = ["sent", "suppressed", "held", "failed", "refused", "gone", "unknown", "throws", "hangs"] as const;
type Answer = (typeof ANSWERS)[number];

const RESULTS: Record<Exclude<Answer, "throws" | "hangs">, SendResult> = {
  sent: { kind: "sent", messageIds: ["m"] },
  suppressed: { kind: "suppressed", reason: "nothing to say" },
  held: { kind: "held" },
  failed: { kind: "failed", permanent: false, error: "down" },
  refused: { kind: "failed", permanent: true, error: "no" },
  gone: { kind: "failed", permanent: true, error: "gone", disableDestination: true },
  unknown: { kind: "unknown", error: "cut" },
};

type Step =
  | { do: "put"; to: number }
  | { do: "answer"; with: Answer }
  | { do: "advance"; ms: number }
  | { do: "restart"; crash: boolean }
  | { do: "operate"; what: "retry" | "drop" | "resend" | "settle"; which: number }
  | { do: "pause"; to: number }
  | { do: "resume"; to: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("put" as const), to: fc.nat(2) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("answer" as const), with: fc.constantFrom(...ANSWERS) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("advance" as const), ms: fc.constantFrom(0, 5_000, 130_000, 400_000) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("restart" as const), crash: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("operate" as const),
      what: fc.constantFrom("retry" as const, "drop" as const, "resend" as const, "settle" as const),
      which: fc.nat(20),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("pause" as const), to: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("resume" as const), to: fc.nat(2) }) },
);

/** What the outside saw: each message given to the sender, and what it was told. */
interface Witness {
  answered: { id: string; mode: string; answer: Answer }[];
  allowed: Map<string, number>;
  settledAsSent: Set<string>;
  outOfOrder: string[];
}

async function play(steps: Step[]): Promise<{ test: TestOutbox; ids: string[]; witness: Witness }> {
  const test = await startTestOutbox({
    config: { delivery: { backoffSeconds: [0, 5, 300], jitter: 0 } },
    instantDisk: true,
  });
  const witness: Witness = { answered: [], allowed: new Map(), settledAsSent: new Set(), outOfOrder: [] };
  const ids: string[] = [];
  let answer: Answer = "sent";

  test.answer((message: OutboundMessage) => {
    const now = answer;
    witness.answered.push({ id: message.deliveryId, mode: message.mode, answer: now });
    checkOrder(test, message, witness);
    if (now === "hangs") return new Promise(() => {});
    if (now === "throws") throw new Error("broken sender");
    return RESULTS[now];
  });

  for (const one of steps) {
    if (one.do === "put") ids.push(test.put(`m${ids.length}`, { destination: DESTINATIONS[one.to] ?? OPS }));
    else if (one.do === "answer") answer = one.with;
    else if (one.do === "advance") await test.clock.advance(one.ms);
    else if (one.do === "restart") await restart(test, one.crash);
    else if (one.do === "pause" || one.do === "resume") {
      test.outbox[one.do](test.outbox.laneOf(DESTINATIONS[one.to] ?? OPS));
    } else operate(test, one.what, ids[one.which % Math.max(1, ids.length)], witness);
    await test.clock.advance(0);
  }

  // In the end everything is well and everybody has time.
  answer = "sent";
  await restart(test, true);
  for (const destination of DESTINATIONS) test.outbox.resume(test.outbox.laneOf(destination));
  await test.advance(600_000);
  return { test, ids, witness };
}

async function restart(test: TestOutbox, crash: boolean): Promise<void> {
  const restarted = test.restart({ crash });
  // A clean stop gives what hangs ten seconds.
  await test.clock.advance(crash ? 0 : 10_000);
  await restarted;
}

function checkOrder(test: TestOutbox, message: OutboundMessage, witness: Witness): void {
  const { lane, seq } = test.get(message.deliveryId);
  const older = test.ledger.deliveries.waiting(lane, 100).filter((row) => row.seq < seq);
  if (older.length > 0) witness.outOfOrder.push(message.text);
}

function operate(
  test: TestOutbox,
  what: "retry" | "drop" | "resend" | "settle",
  id: string | undefined,
  witness: Witness,
) {
  if (id === undefined) return;
  try {
    if (what === "resend") {
      test.outbox.settle(id, "resend", "ann");
      witness.allowed.set(id, (witness.allowed.get(id) ?? 0) + 1);
    } else if (what === "settle") {
      test.outbox.settle(id, "sent", "ann");
      witness.settledAsSent.add(id);
    } else test.outbox[what](id, "ann");
  } catch (error) {
    expect(error).toMatchObject({ code: "DELIVERY_STATE" });
  }
}

/** After these a chat message may have been said: it may not be said again unless a person asks for it. */
const MAY_HAVE_ARRIVED: readonly Answer[] = ["sent", "held", "unknown", "throws", "hangs"];

describe("whatever happens to it", () => {
  const reached = new Set<DeliveryState>();

  it("a message is never lost, never falsely sent, never said twice, and never overtaken", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
        const { test, ids, witness } = await play(steps);
        try {
          expect(witness.outOfOrder).toEqual([]);
          for (const id of ids) {
            const row = test.get(id);
            reached.add(row.state);
            const seen = witness.answered.filter((one) => one.id === id);
            const open = row.state === "sending" || row.state === "pending";
            expect(open, `${row.state} in the end: ${row.reason}`).toBe(false);
            if (row.state === "sent") {
              expect(seen.some(({ answer }) => answer === "sent") || witness.settledAsSent.has(id)).toBe(true);
            } else {
              expect(seen.filter(({ answer }) => answer === "sent").length).toBe(0);
            }
            if (row.destination.mode === "announce") {
              const spoken = seen.filter(({ answer }) => MAY_HAVE_ARRIVED.includes(answer)).length;
              expect(spoken).toBeLessThanOrEqual(1 + (witness.allowed.get(id) ?? 0));
            }
          }
          const counts = test.ledger.deliveries.counts();
          const all = test.ledger.deliveries.list({ limit: 200, offset: 0 });
          expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(all.total);
          expect(test.ledger.check()).toEqual([]);
        } finally {
          await test.close();
        }
      }),
      { numRuns: 80, seed: 20270104 },
    );
  });

  it("each end is reached by some message", () => {
    expect([...reached].sort()).toEqual(["dead", "sent", "suppressed", "unknown"]);
  });
});
