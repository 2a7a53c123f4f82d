import { type Static, Type } from "@sinclair/typebox";
import { Bytes, Count, closed, MAX_DURATION_MS, NonBlank, NonEmpty, oneOf, Seconds, SecretRef } from "./common.ts";
import { JobDefaults } from "./defaults.ts";
import { Destinations } from "./destinations.ts";
import { Expectations } from "./policy.ts";
import { NodeSettings } from "./target.ts";

const Secret = Type.Union([NonEmpty, SecretRef]);

export const QuietHours = closed({
  to: Type.Optional(NonBlank),
  channel: Type.Optional(NonBlank),
  start: Type.String({ pattern: "^([01]\\d|2[0-3]):[0-5]\\d$" }),
  end: Type.String({ pattern: "^([01]\\d|2[0-3]):[0-5]\\d$" }),
  tz: Type.Optional(NonBlank),
});
export type QuietHours = Static<typeof QuietHours>;

/** `plugins.entries.command-cron.config`. Every key has a default; docs/operations.md lists them. */
export const Config = closed({
  cronCommands: Type.Optional(
    oneOf(["route", "off"], {
      description: "Whether `openclaw cron` command jobs are kept and run by this plugin; default route.",
    }),
  ),
  gatewayClient: Type.Optional(
    oneOf(["off", "read", "write"], {
      description:
        "What this plugin may ask the gateway through a connection of its own: nothing, read, or read, change messages and ask agents; default read.",
    }),
  ),
  gatewayApprovals: Type.Optional(
    oneOf(["ask", "off"], {
      description:
        "Whether the gateway's own approvals (buttons in its owner's chats, its Control UI) are asked about runs that wait; default ask.",
    }),
  ),
  gatewayJobs: Type.Optional(
    closed(
      {
        watch: Type.Optional(Type.Boolean({ description: "Default true." })),
        expect: Type.Optional(
          Type.Record(Type.String({ minLength: 1 }), Expectations, {
            description: "What is expected of a job in time, by its id or name.",
          }),
        ),
      },
      "The gateway's own jobs, which are watched here.",
    ),
  ),
  concurrency: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: "Runs at a time; default 8." })),
  defaults: Type.Optional(
    Type.Unsafe<JobDefaults>({ ...JobDefaults, description: "What jobs have that do not name it." }),
  ),
  pools: Type.Optional(
    Type.Record(Type.String({ pattern: "^[a-z][a-z0-9_-]{0,63}$" }), Type.Integer({ minimum: 1, maximum: 1000 }), {
      description: "Named pools and their limits.",
    }),
  ),
  nodes: Type.Optional(NodeSettings),
  drainSeconds: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 300,
      description: "A clean stop waits so long for runs that must stop; default 5.",
    }),
  ),
  runner: Type.Optional(
    closed({
      replaceAfterSeconds: Type.Optional(
        Type.Number({
          minimum: 10,
          maximum: 86_400,
          description:
            "A runner that does not answer for so long is ended with all it runs, and replaced; default 300.",
        }),
      ),
    }),
  ),
  retention: Type.Optional(
    closed({
      days: Type.Optional(Type.Number({ minimum: 0, maximum: 36_500, description: "Default 30." })),
      runsPerJob: Type.Optional(Count({ description: "Default 2000." })),
    }),
  ),
  logs: Type.Optional(
    closed({
      runBytes: Type.Optional(Bytes({ minimum: 65_536, description: "Log budget a run; default 64 MiB." })),
      totalBytes: Type.Optional(Bytes({ minimum: 1_048_576, description: "All logs together; default 2 GiB." })),
    }),
  ),
  delivery: Type.Optional(
    closed({
      backoffSeconds: Type.Optional(Type.Array(Seconds(), { minItems: 1, maxItems: 50 })),
      jitter: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
      quietHours: Type.Optional(Type.Array(QuietHours, { maxItems: 100 })),
    }),
  ),
  ...Destinations,
  webhook: Type.Optional(
    closed({
      secrets: Type.Optional(
        Type.Array(Secret, { maxItems: 2, description: "Signing secrets, newest first; two while rotating." }),
      ),
      ssrfPolicy: Type.Optional(
        closed(
          {
            allowedHostnames: Type.Optional(Type.Array(NonBlank, { maxItems: 1000 })),
            dangerouslyAllowPrivateNetwork: Type.Optional(Type.Boolean()),
          },
          "For gateways that have no `cron.webhookSsrfPolicy`; where that is set, it alone counts.",
        ),
      ),
    }),
  ),
  alerts: Type.Optional(
    closed({
      after: Type.Optional(Count({ description: "Consecutive failures; default 2." })),
      cooldownMs: Type.Optional(
        Type.Integer({ minimum: 0, maximum: MAX_DURATION_MS, description: "Default one hour." }),
      ),
      heartbeat: Type.Optional(
        closed(
          {
            url: NonBlank,
            everySeconds: Type.Optional(Type.Number({ minimum: 10, maximum: 86_400, description: "Default 60." })),
          },
          "An address that is asked for while the service is well, so that something else notices when it is not.",
        ),
      ),
      destination: Type.Optional(
        closed({
          mode: oneOf(["announce", "webhook"]),
          channel: Type.Optional(NonBlank),
          to: NonBlank,
          accountId: Type.Optional(NonEmpty),
        }),
      ),
    }),
  ),
});
export type Config = Static<typeof Config>;
