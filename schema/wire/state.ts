import { type Static, Type } from "@sinclair/typebox";
import { closed, InstantMs, MAX_COUNT, NonEmpty } from "./common.ts";
import { STATE_MAX_BYTES } from "./steps.ts";

const job = {
  id: Type.Optional(NonEmpty),
  jobId: Type.Optional(NonEmpty),
};
const Version = Type.Integer({ minimum: 1, maximum: MAX_COUNT });

export const StateGetParams = closed({
  ...job,
  version: Type.Optional(
    Type.Integer({ minimum: 1, maximum: MAX_COUNT, description: "An older version; default the newest." }),
  ),
});
export const StateHistoryParams = closed(job);
export const StateSetParams = closed({
  ...job,
  content: Type.Union([Type.String({ maxLength: STATE_MAX_BYTES }), Type.Null()], {
    description: "JSON text, at most 256 KiB in UTF-8; null forgets all versions.",
  }),
});

const written = {
  bytes: Type.Integer({ minimum: 0 }),
  atMs: InstantMs,
  runId: Type.Optional(NonEmpty),
  setBy: Type.Optional(Type.String({ description: "Who wrote it, where no run did." })),
};

export const StateResult = Type.Object({
  jobId: NonEmpty,
  content: Type.String({ description: "JSON text." }),
  version: Type.Optional(Version),
  ...written,
  atMs: Type.Optional(InstantMs),
});
export type StateResult = Static<typeof StateResult>;

export const StateSetResult = Type.Object({ jobId: NonEmpty, version: Type.Optional(Version) });
export type StateSetResult = Static<typeof StateSetResult>;

export const StateHistoryResult = Type.Object({
  jobId: NonEmpty,
  versions: Type.Array(Type.Object({ version: Version, ...written })),
});
export type StateHistoryResult = Static<typeof StateHistoryResult>;
