import { describe, expect, it } from "vitest";
import { destinationsFor } from "../../../src/outbox/message/index.ts";

describe("destinations of a job", () => {
  it("are a channel, a webhook, or none", () => {
    expect(destinationsFor({ delivery: { mode: "announce", channel: "irc", to: "#ops" } }, {})).toEqual([
      { kind: "result", destination: { mode: "announce", channel: "irc", to: "#ops" } },
    ]);
    expect(destinationsFor({ delivery: { mode: "webhook", to: "https://example.com" } }, {})).toEqual([
      { kind: "result", destination: { mode: "webhook", to: "https://example.com" } },
    ]);
    expect(destinationsFor({ delivery: { mode: "none" } }, {})).toEqual([]);
    expect(destinationsFor({}, {})).toEqual([]);
  });

  it("keep channel, target, account and thread as the job names them", () => {
    const destination = { mode: "announce", channel: "slack", to: "C1", accountId: "work", threadId: "17.3" } as const;
    expect(destinationsFor({ delivery: destination }, {})[0]?.destination).toEqual(destination);
  });

  it("grow by the completion webhook and further receivers, in order", () => {
    const targets = destinationsFor(
      {
        delivery: {
          mode: "announce",
          channel: "irc",
          to: "#ops",
          completionDestination: { mode: "webhook", to: "https://example.com/done" },
          also: [
            { mode: "announce", channel: "irc", to: "#dev", bestEffort: true },
            { mode: "webhook", to: "https://example.com/also" },
          ],
        },
      },
      {},
    );
    expect(targets.map(({ kind, destination }) => `${kind} ${destination.to}`)).toEqual([
      "result #ops",
      "completion https://example.com/done",
      "result #dev",
      "result https://example.com/also",
    ]);
    expect(targets[2]?.destination.bestEffort).toBe(true);
  });

  it("never name one receiver twice for one run", () => {
    const also = [{ mode: "announce", channel: "irc", to: "#ops" } as const];
    expect(destinationsFor({ delivery: { mode: "announce", channel: "irc", to: "#ops", also } }, {})).toHaveLength(1);
  });
});
