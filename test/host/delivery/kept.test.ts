import type { DrainParams } from "openclaw/plugin-sdk/delivery-queue-runtime";
import { expect, test } from "vitest";
import { keptByGateway } from "../../../src/host/delivery/kept.ts";

test("what the gateway keeps is read without sending any of it, each time by itself", async () => {
  const keys: string[] = [];
  const matched: boolean[] = [];
  const queue = {
    async drainPendingDeliveries({ drainKey, selectEntry }: DrainParams) {
      keys.push(drainKey);
      for (const entry of [{ id: "i1" }, { id: "i2" }, {}]) matched.push(selectEntry(entry).match);
    },
  };
  expect(await keptByGateway({}, async () => queue)).toEqual(new Set(["i1", "i2"]));
  await keptByGateway({}, async () => queue);
  expect(matched).toEqual(Array(6).fill(false));
  expect(new Set(keys).size).toBe(2);
});

test("a gateway without a queue to read says nothing about it", async () => {
  expect(await keptByGateway({}, () => Promise.reject(new Error("no such module")))).toBeUndefined();
  expect(await keptByGateway({}, async () => ({}) as never)).toBeUndefined();
});
