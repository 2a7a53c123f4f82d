import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { JobStore } from "../../../page/data/jobs.ts";
import { LaneStore } from "../../../page/data/lanes.ts";
import type { Gateway } from "../../../page/gateway.ts";
import type { Changed } from "../../../schema/wire/page.ts";
import { job } from "../logic/fixtures.ts";

const SPAN = { sinceMs: 0, untilMs: 1_000_000, slotMs: 1_000 };
const looks = new Set<() => void>();
const page = {
  hidden: false,
  addEventListener: (_: string, fn: () => void) => looks.add(fn),
  removeEventListener: (_: string, fn: () => void) => looks.delete(fn),
};

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  vi.stubGlobal("document", page);
  page.hidden = false;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

interface Asked {
  method: string;
  params: { ids?: string[]; cursor?: string };
}

/** A gateway that remembers what it was asked; `answer` may fail. */
function fakeGateway(answer: (asked: Asked) => unknown) {
  const asked: Asked[] = [];
  const changes = new Set<(change: Changed) => void>();
  const gateway: Gateway = {
    native: false,
    read: async <T>(method: string, params: object = {}) => {
      asked.push({ method, params });
      return answer({ method, params }) as T;
    },
    onChange: (fn) => {
      changes.add(fn);
      return () => void changes.delete(fn);
    },
    onConnection: () => () => {},
    now: () => Date.now(),
  };
  const tell = (...parts: string[]): void => {
    for (const fn of changes) fn({ revision: 1, parts });
  };
  return { gateway, asked, tell };
}

const ids = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `job-${from + i}`);
const rowOf = (jobId: string, state: object = {}) => ({ jobId, enabled: true, state, marks: [], next: [], latest: [] });
const rows = ({ params }: Asked) => ({ jobs: (params.ids ?? []).map((id) => rowOf(id)) });
const sizes = (asked: readonly Asked[]) => asked.map(({ params }) => params.ids?.length);

describe("what is known of lanes", () => {
  it("is first what is on the screen, then everything, in parts that a gateway answers at once", async () => {
    const { gateway, asked } = fakeGateway(rows);
    const store = new LaneStore(gateway, () => {});
    store.want(ids(0, 200), ids(100, 120), SPAN);
    await vi.advanceTimersByTimeAsync(50);
    expect(asked[0]?.params.ids).toEqual(ids(100, 120));
    expect(sizes(asked)).toEqual([20, 60, 60, 60]);
    expect(store.row("job-199")).toBeDefined();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(4);
  });

  it("is read again at once where it is seen, and within ten seconds where it is not, however much changes", async () => {
    const { gateway, asked, tell } = fakeGateway(rows);
    const store = new LaneStore(gateway, () => {});
    store.want(ids(0, 100), ids(0, 10), SPAN);
    await vi.advanceTimersByTimeAsync(11_000);
    asked.length = 0;
    tell("runs");
    await vi.advanceTimersByTimeAsync(50);
    expect(asked[0]?.params.ids).toEqual(ids(0, 10));
    for (let change = 0; change < 100; change += 1) {
      tell("runs");
      await vi.advanceTimersByTimeAsync(100);
    }
    await vi.advanceTimersByTimeAsync(10_000);
    const ofTheScreen = asked.filter(({ params }) => params.ids?.length === 10).length;
    expect(ofTheScreen).toBeGreaterThanOrEqual(6);
    expect(ofTheScreen).toBeLessThanOrEqual(12);
    expect(asked.length - ofTheScreen).toBeLessThanOrEqual(6);
    asked.length = 0;
    tell("deliveries");
    await vi.advanceTimersByTimeAsync(20_000);
    expect(asked).toEqual([]);
  });

  it("is read again soon after a change that comes by itself", async () => {
    const { gateway, asked, tell } = fakeGateway(rows);
    const store = new LaneStore(gateway, () => {});
    store.want(ids(0, 10), ids(0, 10), SPAN);
    for (let change = 0; change < 5; change += 1) {
      await vi.advanceTimersByTimeAsync(3_000);
      asked.length = 0;
      tell("runs");
      await vi.advanceTimersByTimeAsync(20);
      tell("runs");
      await vi.advanceTimersByTimeAsync(280);
      expect(sizes(asked)).toEqual([10, 10]);
    }
  });

  it("is asked for again after a failure, and not at all for a job that is gone", async () => {
    let fails = true;
    const { gateway, asked } = fakeGateway(() => {
      if (fails) throw new Error("away");
      return { jobs: [] };
    });
    const store = new LaneStore(gateway, () => {});
    store.want(["gone"], ["gone"], SPAN);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(asked).toHaveLength(1);
    fails = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(2);
    expect(store.row("gone")).toMatchObject({ enabled: false, marks: [] });
  });

  it("is read anew for another span", async () => {
    const { gateway, asked } = fakeGateway(rows);
    const store = new LaneStore(gateway, () => {});
    store.want(ids(0, 5), ids(0, 5), SPAN);
    await vi.advanceTimersByTimeAsync(200);
    store.want(ids(0, 5), ids(0, 5), { ...SPAN, untilMs: 2_000_000 });
    await vi.advanceTimersByTimeAsync(200);
    expect(sizes(asked)).toEqual([5, 5]);
  });

  it("is read soon after a change though one has looked at one span after the other", async () => {
    const { gateway, asked, tell } = fakeGateway(rows);
    const store = new LaneStore(gateway, () => {});
    for (let look = 0; look < 60; look += 1) {
      store.want(ids(0, 200), ids(look, look + 10), { ...SPAN, untilMs: SPAN.untilMs + look });
      await vi.advanceTimersByTimeAsync(30);
    }
    asked.length = 0;
    tell("runs");
    await vi.advanceTimersByTimeAsync(150);
    expect(asked[0]?.params.ids).toEqual(ids(59, 69));
  });

  it("waits until somebody looks", async () => {
    const { gateway, asked, tell } = fakeGateway(rows);
    page.hidden = true;
    const store = new LaneStore(gateway, () => {});
    store.want(ids(0, 5), ids(0, 5), SPAN);
    tell("runs");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toEqual([]);
    page.hidden = false;
    for (const look of [...looks]) look();
    await vi.advanceTimersByTimeAsync(50);
    expect(asked).toHaveLength(1);
  });
});

describe("what is known of jobs", () => {
  const lists = (asked: readonly Asked[]) => asked.filter(({ method }) => method === "list");
  const list = ({ method, params: { cursor = "0" } }: Asked) => {
    if (method === "summary") return { jobs: [], nextOffset: null };
    const from = Number(cursor);
    return {
      jobs: ids(from, Math.min(from + 200, 450)).map((id) => job({ id, name: id })),
      ...(from + 200 < 450 ? { nextCursor: String(from + 200) } : {}),
    };
  };

  it("is all of them, the first at once; read again when jobs changed, not when runs did", async () => {
    const { gateway, asked, tell } = fakeGateway(list);
    const store = new JobStore(gateway);
    const seen: number[] = [];
    store.subscribe(() => seen.push(store.all.length));
    await vi.advanceTimersByTimeAsync(50);
    expect(seen.slice(0, 3)).toEqual([200, 400, 450]);
    expect(store).toMatchObject({ known: true, problem: undefined });
    await vi.advanceTimersByTimeAsync(1_000);
    tell("runs");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(lists(asked)).toHaveLength(3);
    tell("jobs");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(lists(asked)).toHaveLength(6);
  });

  it("holds the gateway's own jobs in their place, and the others without them where those cannot be read", async () => {
    let away = false;
    const watched = {
      ...{ jobId: "w", name: "job-10a", source: "gateway", kind: "agentTurn", enabled: true, state: "error" },
      ...{ schedule: { kind: "on-exit" }, lastStatus: "error", consecutiveErrors: 2, consecutiveOk: 0, totals: {} },
    };
    const { gateway, tell } = fakeGateway((asked) => {
      if (asked.method !== "summary") return list(asked);
      if (away) throw new Error("unknown method");
      return { jobs: [watched], nextOffset: null };
    });
    const store = new JobStore(gateway);
    await vi.advanceTimersByTimeAsync(50);
    const { job: shown, watched: kind } = store.byId.get("w") ?? {};
    expect(kind).toBe("agentTurn");
    expect(shown).toMatchObject({ name: "job-10a", state: { lastRunStatus: "error", consecutiveErrors: 2 } });
    expect(store.all).toHaveLength(451);
    away = true;
    tell("jobs");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(store).toMatchObject({ problem: undefined });
    expect(store.all).toHaveLength(451);
  });

  it("follows what lanes say, and tells nobody where that is nothing new", async () => {
    const { gateway } = fakeGateway(list);
    const store = new JobStore(gateway);
    await vi.advanceTimersByTimeAsync(50);
    const told = vi.fn();
    store.subscribe(told);
    store.update([rowOf("job-7"), rowOf("nobody")]);
    expect(told).not.toHaveBeenCalled();
    store.update([rowOf("job-7", { lastRunStatus: "error" })]);
    expect(told).toHaveBeenCalledTimes(1);
    expect(store.byId.get("job-7")?.job.state).toEqual({ lastRunStatus: "error" });
  });

  it("stays what it was while the gateway is away, with the reason", async () => {
    let away = false;
    const { gateway, tell } = fakeGateway((asked) => {
      if (away) throw new Error("The gateway cannot be reached.");
      return list(asked);
    });
    const store = new JobStore(gateway);
    await vi.advanceTimersByTimeAsync(1_000);
    away = true;
    tell("jobs");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(store.problem).toBe("The gateway cannot be reached.");
    expect(store.all).toHaveLength(450);
    away = false;
    tell("jobs");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(store.problem).toBeUndefined();
  });
});
