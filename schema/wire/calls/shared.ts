import { type Static, Type } from "@sinclair/typebox";
import { closed, InstantMs, NonEmpty, nullable, oneOf, optional, Whole } from "../common.ts";

/** A job is named by `id`; `jobId` is the gateway's older spelling of the same. An exact name is accepted as well. */
export const jobRef = { id: optional(NonEmpty), jobId: optional(NonEmpty) };

/** Which way a list goes. */
export const sortDir = { sortDir: optional(oneOf(["asc", "desc"])) };

export const NoParams = closed({});

/** Where a page stands among the others, in the gateway's words and ours. */
export const page = {
  total: Whole,
  offset: Whole,
  limit: Type.Integer({ minimum: 1 }),
  hasMore: Type.Boolean(),
  nextOffset: nullable(Whole),
  nextCursor: optional(
    Type.String({ minLength: 1 }),
    "The next page, without repeats or losses while rows come and go; absent at the end.",
  ),
  partial: optional(Type.Literal(true), "The search was cut, `nextCursor` goes on; or `total` is a lower bound."),
};

const Page = Type.Object(page);
export type Paged = Static<typeof Page>;

export const Instant = Type.Object({
  atMs: InstantMs,
  utc: Type.String(),
  local: Type.String({ description: "Wall clock of the schedule's zone." }),
  offset: Type.String({ description: "Local time minus UTC." }),
  change: optional(Type.String(), "What the zone's clock does there."),
});
export type Instant = Static<typeof Instant>;

export const Warning = Type.Object({ code: NonEmpty, field: NonEmpty, message: NonEmpty });
export type Warning = Static<typeof Warning>;

export const FieldChange = Type.Object({
  field: NonEmpty,
  from: optional(Type.String(), "As JSON; absent where there was nothing, or what may be a secret."),
  to: optional(Type.String()),
});
export type FieldChange = Static<typeof FieldChange>;
