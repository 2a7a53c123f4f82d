import { type Static, Type } from "@sinclair/typebox";
import { closed, NonBlank, NonEmpty, oneOf, optional, Seconds } from "./common.ts";
import { ThreadId } from "./delivery.ts";

const NAME = "^[a-z][a-z0-9_-]{0,63}$";
const Name = Type.String({ pattern: NAME });

/** An address by a name of its own: `@ops` wherever a destination may stand. */
export const NamedDestination = closed({
  mode: optional(oneOf(["announce", "webhook"]), "Default announce."),
  channel: optional(NonBlank),
  to: NonBlank,
  accountId: optional(NonEmpty),
  threadId: optional(ThreadId),
});

const Members = Type.Array(Name, { minItems: 1, maxItems: 20 });

/** Several named destinations, by a name of their own. Of bad news they are told one after another. */
export const DestinationGroup = Type.Union([
  Members,
  closed({
    to: Members,
    escalateAfterSeconds: optional(
      Seconds(),
      "An alert that nobody acknowledges for so long goes to the next one; default 900.",
    ),
  }),
]);

/** Settings about where messages go. */
export const Destinations = {
  destinations: optional(
    Type.Record(Type.String({ pattern: NAME }), NamedDestination),
    "Addresses by name; `@ops` stands for `ops` wherever a destination may stand.",
  ),
  groups: optional(
    Type.Record(Type.String({ pattern: NAME }), DestinationGroup),
    "Several of them by one name; bad news goes to the next one when nobody acknowledges it.",
  ),
};
export type DestinationGroup = Static<typeof DestinationGroup>;
