import { describe, expect, it } from "vitest";
import { createShares, niceOf } from "../../src/executor/shares.ts";

const CPUS = 2;
const BUSY = { busy: true, floods: false };
const IDLE = { busy: false, floods: false };
const FLOODS = { busy: true, floods: true };

function sharing(refuses: () => boolean = () => false) {
  const weights = new Map<number, number>();
  let writes = 0;
  const shares = createShares((pid, nice) => {
    writes += 1;
    if (refuses()) return false;
    weights.set(pid, nice);
    return true;
  }, CPUS);
  /** What a session weighs beside one that nobody weighed. */
  const weight = (pid: number): number => 1.25 ** -(weights.get(pid) ?? 0);
  return { shares, weight, weights, writes: () => writes };
}

describe("a command's share of the CPU", () => {
  it("is that of any other session while no more of them are busy than there are CPUs: nothing is written", () => {
    const { shares, writes } = sharing();
    for (const pid of [1, 2]) shares.join(pid, undefined).seen(BUSY);
    for (const pid of [3, 4, 5]) shares.join(pid, undefined).seen(IDLE);
    expect(writes()).toBe(0);
  });

  it("is one of as many shares as there are CPUs when more are busy, and whole again when they are not", () => {
    const { shares, weight } = sharing();
    const all = [1, 2, 3, 4, 5, 6, 7, 8].map((pid) => shares.join(pid, undefined));
    for (const share of all) share.seen(BUSY);
    const together = all.reduce((sum, _, index) => sum + weight(index + 1), 0);
    expect(together).toBeLessThanOrEqual(CPUS);
    expect(together).toBeGreaterThan(CPUS * 0.75);
    for (const share of all.slice(0, 4)) share.leave();
    for (const share of all.slice(4, 6)) share.seen(IDLE);
    expect([5, 6, 7, 8].map(weight)).toEqual([1, 1, 1, 1]);
  });

  it("is a tenth for one that floods, which leaves the others theirs", () => {
    const { shares, weight } = sharing();
    const [flood, ...others] = [1, 2, 3].map((pid) => shares.join(pid, undefined));
    for (const share of others) share.seen(BUSY);
    flood?.seen(FLOODS);
    expect([1, 2, 3].map(weight)).toEqual([1.25 ** -10, 1, 1]);
    flood?.seen(BUSY);
    expect(weight(1)).toBeGreaterThan(0.5);
  });

  it("is what its job says, whoever else is busy", () => {
    const { shares, weights } = sharing();
    shares.join(1, 6).seen(IDLE);
    shares.join(2, 0).seen(FLOODS);
    for (const pid of [3, 4, 5, 6]) shares.join(pid, undefined).seen(BUSY);
    expect(weights.get(1)).toBe(6);
    expect(weights.has(2)).toBe(false);
    expect(weights.get(3)).toBe(niceOf(4, CPUS));
  });

  it("is set at a later look where the kernel refused it for now", () => {
    let refused = true;
    const { shares, weights } = sharing(() => refused);
    const one = shares.join(1, undefined);
    one.seen(FLOODS);
    refused = false;
    one.seen(FLOODS);
    expect(weights.get(1)).toBe(10);
  });

  it.each([
    [0, 0],
    [2, 0],
    [3, 2],
    [8, 7],
    [1_000, 10],
  ])("of %i busy commands on two CPUs has nice %i", (busy, nice) => {
    expect(niceOf(busy, CPUS)).toBe(nice);
  });
});
