import { describe, expect, test } from "vitest";
import type { Destination } from "../../../schema/wire/delivery.ts";
import { type JobSession, resolveTarget, type TargetDeps } from "../../../src/host/delivery/targets.ts";
import { configuredChannels } from "../../../src/host/gateway/config.ts";
import { CommandCronError } from "../../../src/kernel/errors.ts";

const irc = { host: "irc.example", accounts: { spare: { enabled: false } } };
const slack = { botToken: "x" };

function deps(channels: Record<string, unknown>): TargetDeps {
  return {
    config: () => ({ channels }),
    adapter: async (channel) => {
      if (channel === "broken") return undefined;
      if (channel !== "slack") return {};
      return {
        resolveTarget: ({ to }) =>
          to?.startsWith("C") ? { ok: true, to: `channel:${to}` } : { ok: false, error: new Error("a channel id") },
      };
    },
    sessionRoute: async (key, agentId) => {
      if (key === "agent:main:ops")
        return { channel: "irc", to: "#ops", accountId: agentId ?? "default", threadId: "9" };
      return undefined;
    },
  };
}

const announce = (fields: Partial<Destination> = {}): Destination => ({ mode: "announce", ...fields });
const resolve = (channels: Record<string, unknown>, destination: Destination, session: JobSession = {}) =>
  resolveTarget(deps(channels), destination, session);
async function refusal(channels: Record<string, unknown>, destination: Destination, session: JobSession = {}) {
  const error = await resolve(channels, destination, session).then(
    (found) => Promise.reject(new Error(`resolved to ${JSON.stringify(found)}`)),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CommandCronError)) throw error;
  return [error.code, error.details["field"]];
}

describe("the target of an announcement, when a job is saved", () => {
  test("explicit channel and target are taken as they are", async () => {
    expect(await resolve({ irc, slack }, announce({ channel: "IRC", to: "#ops", bestEffort: true }))).toEqual(
      announce({ channel: "irc", to: "#ops", bestEffort: true }),
    );
  });

  test("a channel's own rules may change the target", async () => {
    expect(await resolve({ slack }, announce({ channel: "slack", to: "C1" }))).toMatchObject({ to: "channel:C1" });
  });

  test("the only channel needs no name", async () => {
    expect(await resolve({ irc }, announce({ to: "#ops" }))).toMatchObject({ channel: "irc", to: "#ops" });
    expect(await resolve({ irc }, announce({ channel: "last", to: "#ops" }))).toMatchObject({ channel: "irc" });
  });

  test("a prefix names the channel", async () => {
    expect(await resolve({ irc, slack }, announce({ to: "irc:#ops" }))).toMatchObject({ channel: "irc", to: "#ops" });
    expect(await resolve({ irc, slack }, announce({ channel: "irc", to: "irc:#ops" }))).toMatchObject({ to: "#ops" });
  });

  test("the job's own session gives its last route, its own words win", async () => {
    const session = { sessionKey: "agent:main:ops", agentId: "main" };
    const route = { channel: "irc", to: "#ops", accountId: "main", threadId: "9" };
    expect(await resolve({ irc, slack }, announce(), session)).toEqual(announce(route));
    expect(await resolve({ irc, slack }, announce({ to: "#dev", threadId: 3 }), session)).toEqual(
      announce({ ...route, to: "#dev", threadId: 3 }),
    );
  });

  test("the session's thread stays in its conversation, its account does not", async () => {
    const session = { sessionKey: "agent:main:ops", agentId: "main" };
    const route = { channel: "irc", to: "#ops", accountId: "main", threadId: "9" };
    const { threadId: _thread, ...elsewhere } = route;
    const last = (to: string) => resolve({ irc, slack }, announce({ channel: "last", to }), session);
    expect(await last("#dev")).toEqual(announce({ ...elsewhere, to: "#dev" }));
    expect(await last(" #ops")).toEqual(announce(route));
    expect(await resolve({ irc, slack }, announce({ to: "#dev" }), session)).toEqual(
      announce({ ...elsewhere, to: "#dev" }),
    );
    const prefixed = { ...deps({ irc, slack }), sessionRoute: async () => ({ ...route, to: "irc:#ops" }) };
    expect(await resolveTarget(prefixed, announce({ channel: "last", to: "#ops" }), session)).toEqual(announce(route));
  });

  test("a webhook is none of this room's business", async () => {
    const webhook: Destination = { mode: "webhook", to: "https://example.org" };
    expect(await resolve({}, webhook)).toEqual(webhook);
  });

  test.each<[string, Record<string, unknown>, Destination, JobSession, string, string]>([
    [
      "several channels and no choice",
      { irc, slack },
      announce({ to: "#ops" }),
      {},
      "DELIVERY_TARGET_MISSING",
      "delivery.channel",
    ],
    [
      "`last` without a session",
      { irc, slack },
      announce({ channel: "last" }),
      {},
      "DELIVERY_TARGET_MISSING",
      "delivery.channel",
    ],
    [
      "a session that never spoke",
      { irc, slack },
      announce(),
      { sessionKey: "agent:main:new" },
      "DELIVERY_TARGET_MISSING",
      "delivery.channel",
    ],
    ["no channel at all", {}, announce({ to: "#ops" }), {}, "DELIVERY_TARGET_MISSING", "delivery.channel"],
    ["no target", { irc }, announce({ channel: "irc" }), {}, "DELIVERY_TARGET_MISSING", "delivery.to"],
    [
      "an unknown channel",
      { irc },
      announce({ channel: "telegram", to: "1" }),
      {},
      "DELIVERY_TARGET_INVALID",
      "delivery.channel",
    ],
    [
      "a channel that is off",
      { irc: { ...irc, enabled: false } },
      announce({ channel: "irc", to: "#a" }),
      {},
      "DELIVERY_TARGET_INVALID",
      "delivery.channel",
    ],
    [
      "a channel whose plugin is missing",
      { broken: { a: 1 } },
      announce({ channel: "broken", to: "x" }),
      {},
      "DELIVERY_TARGET_INVALID",
      "delivery.channel",
    ],
    [
      "another channel's target",
      { irc, slack },
      announce({ channel: "irc", to: "slack:C1" }),
      {},
      "DELIVERY_TARGET_INVALID",
      "delivery.to",
    ],
    [
      "a target the channel refuses",
      { slack },
      announce({ channel: "slack", to: "x" }),
      {},
      "DELIVERY_TARGET_INVALID",
      "delivery.to",
    ],
    [
      "an injected line",
      { irc },
      announce({ channel: "irc", to: "#ops\r\nQUIT" }),
      {},
      "DELIVERY_TARGET_INVALID",
      "delivery.to",
    ],
    [
      "an account that is off",
      { irc },
      announce({ channel: "irc", to: "#ops", accountId: "spare" }),
      {},
      "DELIVERY_TARGET_INVALID",
      "delivery.accountId",
    ],
  ])("%s is refused by name", async (_name, channels, destination, session, code, field) => {
    expect(await refusal(channels, destination, session)).toEqual([code, field]);
  });
});

test("channels count when they have settings and are not switched off", () => {
  const channels = {
    zulip: { a: 1 },
    defaults: { x: 1 },
    modelByChannel: { irc: "m" },
    off: { enabled: false },
    empty: {},
    irc,
  };
  expect(configuredChannels({ channels })).toEqual(["irc", "zulip"]);
  expect(configuredChannels({})).toEqual([]);
});
