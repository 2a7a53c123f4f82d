import { type Static, Type } from "@sinclair/typebox";
import {
  Bytes,
  Count,
  closed,
  MAX_DURATION_MS,
  NonBlank,
  NonEmpty,
  oneOf,
  optional,
  Seconds,
  SecretRef,
} from "./common.ts";
import { JobDefaults } from "./defaults.ts";
import { Destinations } from "./destinations.ts";
import { Expectations } from "./policy.ts";
import { NodeSettings } from "./target.ts";

const Secret = Type.Union([NonEmpty, SecretRef]);

export const QuietHours = closed({
  to: optional(NonBlank),
  channel: optional(NonBlank),
  start: Type.String({ pattern: "^([01]\\d|2[0-3]):[0-5]\\d$" }),
  end: Type.String({ pattern: "^([01]\\d|2[0-3]):[0-5]\\d$" }),
  tz: optional(NonBlank),
});
export type QuietHours = Static<typeof QuietHours>;

/** `plugins.entries.command-cron.config`. Every key has a default; docs/operations.md lists them. */
export const Config = closed({
  cronCommands: optional(
    oneOf(["route", "off"]),
    "Whether `openclaw cron` command jobs are kept and run by this plugin; default route.",
  ),
  gatewayClient: optional(
    oneOf(["off", "read", "write"]),
    "What this plugin may ask the gateway through a connection of its own: nothing, read, or read, change messages and ask agents; default read.",
  ),
  gatewayApprovals: optional(
    oneOf(["ask", "off"]),
    "Whether the gateway's own approvals (buttons in its owner's chats, its Control UI) are asked about runs that wait; default ask.",
  ),
  gatewayJobs: optional(
    closed({
      watch: optional(Type.Boolean(), "Default true."),
      expect: optional(
        Type.Record(Type.String({ minLength: 1 }), Expectations),
        "What is expected of a job in time, by its id or name.",
      ),
    }),
    "The gateway's own jobs, which are watched here.",
  ),
  concurrency: optional(Type.Integer({ minimum: 1, maximum: 1000 }), "Runs at a time; default 8."),
  defaults: optional(JobDefaults, "What jobs have that do not name it."),
  pools: optional(
    Type.Record(Type.String({ pattern: "^[a-z][a-z0-9_-]{0,63}$" }), Type.Integer({ minimum: 1, maximum: 1000 })),
    "Named pools and their limits.",
  ),
  nodes: optional(NodeSettings),
  drainSeconds: optional(
    Type.Number({ minimum: 0, maximum: 300 }),
    "A clean stop waits so long for runs that must stop; default 5.",
  ),
  runner: optional(
    closed({
      replaceAfterSeconds: optional(
        Type.Number({ minimum: 10, maximum: 86_400 }),
        "A runner that does not answer for so long is ended with all it runs, and replaced; default 300.",
      ),
    }),
  ),
  retention: optional(
    closed({
      days: optional(Type.Number({ minimum: 0, maximum: 36_500 }), "Default 30."),
      runsPerJob: optional(Count(), "Default 2000."),
    }),
  ),
  logs: optional(
    closed({
      runBytes: optional(Bytes({ minimum: 65_536 }), "Log budget a run; default 64 MiB."),
      totalBytes: optional(Bytes({ minimum: 1_048_576 }), "All logs together; default 2 GiB."),
    }),
  ),
  delivery: optional(
    closed({
      backoffSeconds: optional(Type.Array(Seconds(), { minItems: 1, maxItems: 50 })),
      jitter: optional(Type.Number({ minimum: 0, maximum: 1 })),
      quietHours: optional(Type.Array(QuietHours, { maxItems: 100 })),
    }),
  ),
  ...Destinations,
  webhook: optional(
    closed({
      secrets: optional(Type.Array(Secret, { maxItems: 2 }), "Signing secrets, newest first; two while rotating."),
      ssrfPolicy: optional(
        closed({
          allowedHostnames: optional(Type.Array(NonBlank, { maxItems: 1000 })),
          dangerouslyAllowPrivateNetwork: optional(Type.Boolean()),
        }),
        "For gateways that have no `cron.webhookSsrfPolicy`; where that is set, it alone counts.",
      ),
    }),
  ),
  alerts: optional(
    closed({
      after: optional(Count(), "Consecutive failures; default 2."),
      cooldownMs: optional(Type.Integer({ minimum: 0, maximum: MAX_DURATION_MS }), "Default one hour."),
      heartbeat: optional(
        closed({
          url: NonBlank,
          everySeconds: optional(Type.Number({ minimum: 10, maximum: 86_400 }), "Default 60."),
        }),
        "An address that is asked for while the service is well, so that something else notices when it is not.",
      ),
      destination: optional(
        closed({
          mode: oneOf(["announce", "webhook"]),
          channel: optional(NonBlank),
          to: NonBlank,
          accountId: optional(NonEmpty),
        }),
      ),
    }),
  ),
});
export type Config = Static<typeof Config>;
