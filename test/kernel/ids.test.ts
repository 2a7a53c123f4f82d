import { afterEach, describe, expect, it, vi } from "vitest";
import { sameBoot } from "../../src/kernel/ids.ts";

afterEach(() => {
  vi.doUnmock("node:fs");
  vi.doUnmock("node:os");
  vi.resetModules();
});

/** The boot id as a new process reads it on a system without /proc. */
async function bootIdElsewhere(host: string, bootedS: number): Promise<string> {
  vi.resetModules();
  vi.doMock("node:fs", () => ({
    readFileSync() {
      throw new Error("ENOENT");
    },
  }));
  vi.doMock("node:os", () => ({ hostname: () => host, uptime: () => Date.now() / 1_000 - bootedS }));
  return (await import("../../src/kernel/ids.ts")).bootId();
}

describe("the boot id without /proc", () => {
  it("stays when the network gives the machine another name, and goes with a boot", async () => {
    const id = await bootIdElsewhere("mac.home", 1_750_000_000);
    expect(await bootIdElsewhere("mac.office.example", 1_750_000_000)).toBe(id);
    expect(await bootIdElsewhere("mac.home", 1_750_000_100)).not.toBe(id);
  });

  it("is that of the same boot however the time of it was rounded", async () => {
    const [before, after] = [
      await bootIdElsewhere("mac", 1_750_000_004.9),
      await bootIdElsewhere("mac", 1_750_000_005.1),
    ];
    expect(before).not.toBe(after);
    expect(sameBoot(before, after)).toBe(true);
    expect(sameBoot(before, await bootIdElsewhere("mac", 1_750_000_035))).toBe(false);
    expect(sameBoot("0b5f3c0e-9a4d-4d57-8d53-0e6d3e1b1f10", "1c6f3c0e-9a4d-4d57-8d53-0e6d3e1b1f10")).toBe(false);
  });
});
