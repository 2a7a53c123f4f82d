import { describe, expect, it } from "vitest";
import { laneOf } from "../../../src/outbox/message/index.ts";

describe("a lane's name", () => {
  it("is the same for the same destination, whatever else the job says", () => {
    expect(laneOf({ mode: "announce", channel: "irc", to: "#ops", bestEffort: true })).toBe(
      laneOf({ mode: "announce", channel: "irc", to: "#ops" }),
    );
  });

  it("differs by channel, target, account and thread", () => {
    const lanes = [
      laneOf({ mode: "announce", channel: "irc", to: "#ops" }),
      laneOf({ mode: "announce", channel: "irc", to: "#dev" }),
      laneOf({ mode: "announce", channel: "slack", to: "#ops" }),
      laneOf({ mode: "announce", channel: "irc", to: "#ops", accountId: "work" }),
      laneOf({ mode: "announce", channel: "irc", to: "#ops", threadId: 7 }),
      laneOf({ mode: "webhook", to: "https://example.com/a" }),
      laneOf({ mode: "webhook", to: "https://example.com/b" }),
    ];
    expect(new Set(lanes).size).toBe(lanes.length);
  });

  it("cannot be forged by a target that looks like an account", () => {
    expect(laneOf({ mode: "announce", channel: "irc", to: "#ops/account=work" })).not.toBe(
      laneOf({ mode: "announce", channel: "irc", to: "#ops", accountId: "work" }),
    );
  });

  it("can be typed without quotes around blanks", () => {
    expect(laneOf({ mode: "announce", channel: "signal", to: "my group" })).toBe("announce/signal/my%20group");
  });

  it("treats a thread number and its text as one", () => {
    const base = { mode: "announce", channel: "telegram", to: "-100" } as const;
    expect(laneOf({ ...base, threadId: 7 })).toBe(laneOf({ ...base, threadId: "7" }));
  });
});
