import { expect, it } from "vitest";
import { innerRoute } from "../../../page/route.ts";

it("within the Control UI the view outlives a reload of the tab", () => {
  const values = new Map<string, string>();
  const kept = {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
  };
  const before = innerRoute(kept);
  expect(before.path()).toBe("/");
  before.go("/job/1?run=2");
  expect(innerRoute(kept).path()).toBe("/job/1?run=2");
});
