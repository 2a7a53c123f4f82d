import { type Static, Type } from "@sinclair/typebox";
import { InstantMs, NonEmpty } from "./common.ts";
import { Destination } from "./delivery.ts";

const Count = Type.Integer({ minimum: 0 });

/** An incident, as `alerts` shows it. */
export const AlertEntry = Type.Object({
  id: NonEmpty,
  jobId: NonEmpty,
  jobName: Type.Optional(NonEmpty),
  cause: Type.String(),
  about: Type.Optional(Type.String({ description: "What is said of it in one line." })),
  openedAtMs: InstantMs,
  closedAtMs: Type.Optional(InstantMs),
  occurrences: Type.Integer({ minimum: 1 }),
  notifiedAtMs: Type.Optional(InstantMs),
  tellAtMs: Type.Optional(Type.Integer({ description: "It is told from then on, with what comes within a minute." })),
  ackedAtMs: Type.Optional(InstantMs),
  ackedBy: Type.Optional(Type.String()),
  snoozedUntilMs: Type.Optional(InstantMs),
  snoozedBy: Type.Optional(Type.String()),
  escalateAtMs: Type.Optional(
    Type.Integer({ description: "The next of its group is told then, unless it is acknowledged." }),
  ),
  escalated: Type.Optional(
    Type.Integer({ minimum: 0, description: "How many of its group were told after the first." }),
  ),
  route: Type.Optional({ ...Destination, description: "Who is told of it; absent: nobody." }),
});
export type AlertEntry = Static<typeof AlertEntry>;

/** A destination and what waits for it. */
export const Lane = Type.Object({
  lane: NonEmpty,
  pending: Count,
  oldestAtMs: Type.Optional(InstantMs),
  custody: Type.Optional(
    Type.Integer({ minimum: 1, description: "How many were handed over to the gateway and have no end yet." }),
  ),
  pausedAtMs: Type.Optional(InstantMs),
  disabledAtMs: Type.Optional(InstantMs),
  reason: Type.Optional(Type.String()),
  names: Type.Optional(
    Type.Array(NonEmpty, { description: "What the settings call it, `@ops`, and groups it belongs to." }),
  ),
  jobs: Type.Optional({ ...Count, description: "With `all`: jobs that send there, results or bad news." }),
});
export type Lane = Static<typeof Lane>;
