import { afterEach, describe, expect, it, vi } from "vitest";

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
});
