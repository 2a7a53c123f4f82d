import { describe, expect, it } from "vitest";
import { failureRoutes } from "../../src/policy/addresses/index.ts";

const own = { mode: "announce", channel: "slack", to: "C1", accountId: "work", threadId: "17" } as const;
const configured = { mode: "announce", channel: "irc", to: "#owner" } as const;
const base = { name: "x" } as const;

describe("the way for bad news about a job", () => {
  it("is its failure alert's, then its failure destination, then the configured one, then its own", () => {
    const routes = failureRoutes(
      {
        ...base,
        delivery: { ...own, failureDestination: { channel: "irc", to: "#failures" } },
        failureAlert: { mode: "webhook", to: "https://example.com/alerts" },
      },
      { alerts: { destination: configured } },
    );
    expect(routes.map(({ to }) => to)).toEqual(["https://example.com/alerts", "#failures", "#owner", "C1"]);
  });

  it("is the job's own announce target when nothing else is named, thread and account included", () => {
    expect(failureRoutes({ ...base, delivery: own }, {})).toEqual([own]);
  });

  it("is none for a job that only posts to a webhook", () => {
    const delivery = { mode: "webhook", to: "https://example.com" } as const;
    expect(failureRoutes({ ...base, delivery }, {})).toEqual([]);
  });

  it("is not changed by an alert that only sets numbers", () => {
    expect(failureRoutes({ ...base, delivery: own, failureAlert: { after: 5 } }, {})).toEqual([own]);
  });

  it("is filled in from the job's own target within one channel, never across two", () => {
    expect(failureRoutes({ ...base, delivery: own, failureAlert: { to: "C2" } }, {})[0]).toEqual({
      ...{ mode: "announce", channel: "slack", to: "C2", accountId: "work" },
    });
    const across = failureRoutes({ ...base, delivery: own, failureAlert: { channel: "irc" } }, {});
    expect(across).toEqual([own]);
  });

  it("needs no job at all", () => {
    expect(failureRoutes(undefined, { alerts: { destination: configured } })).toEqual([configured]);
    expect(failureRoutes(undefined, {})).toEqual([]);
  });
});
