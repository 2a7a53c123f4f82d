import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { DELIVERY_STATES } from "../../schema/limits.ts";
import { BODY_MAX_BYTES } from "../../src/outbox/content.ts";
import { DEFAULT_DELIVERY_BACKOFF_SECONDS } from "../../src/policy/addresses/delivery-backoff.ts";

const page = readFileSync(resolve(import.meta.dirname, "../../docs/delivery.md"), "utf8");
const section = (title: string): string => page.split(`## ${title}\n`)[1]?.split(/\n## /)[0] ?? "";

describe("the page about delivery", () => {
  it("explains every state, and that sent is handed over and not read", () => {
    const states = section("A message's life");
    for (const state of DELIVERY_STATES) expect(states).toContain(`| \`${state}\``);
    expect(states).toContain("handed over");
    expect(states).toContain("Not proof that anybody read it");
  });

  it("gives the reason for stopping at the first failure, and says that blocking is meant", () => {
    const lanes = section("Lanes");
    expect(lanes).toContain("cannot be mistaken for overall health");
    expect(lanes).toContain("Head-of-line blocking is meant");
  });

  it("says when to report and when not", () => {
    expect(section("Reports")).toContain("**Use it**");
    expect(section("Reports")).toContain("**Do not**");
  });

  it("leads from a missing message to its cause in eight steps, then to the oldest failing item", () => {
    const steps = section("It was not received");
    expect(steps.match(/^\d\. /gm)).toHaveLength(8);
    for (const look of ["message id", "account ids", "by hand"]) expect(steps).toContain(look);
    expect(steps).toContain("fix the oldest failing item");
  });

  it("has the three lines to remember", () => {
    expect(section("Reports")).toContain("Three lines to remember");
  });

  it("says what became of the parts, the runtime pinning and the probe", () => {
    const then = section("For those who used owner reports");
    for (const part of ["consumer, driver, watchdog, wrapper", "NODE_BIN", "runtime probe"])
      expect(then).toContain(part);
  });

  it("has the numbers of the code", () => {
    const shown = section("Attempts").match(/\((0, 5 s[^)]*)\)/)?.[1] ?? "";
    const unit: Record<string, number> = { s: 1, min: 60, h: 3_600 };
    const seconds = shown.split(",").map((part) => {
      const [amount = "", word = "s"] = part.trim().split(/\s+/);
      return Number(amount) * (unit[word] ?? Number.NaN);
    });
    expect(seconds).toEqual(DEFAULT_DELIVERY_BACKOFF_SECONDS);
    expect(page).toContain(`${BODY_MAX_BYTES / 1_024} KiB`);
  });
});
