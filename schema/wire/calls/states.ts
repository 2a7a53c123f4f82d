import { type Static, Type } from "@sinclair/typebox";
import { closed, InstantMs, MAX_COUNT, NonEmpty, optional, Whole } from "../common.ts";
import { STATE_MAX_BYTES } from "../steps.ts";
import { jobRef } from "./shared.ts";

export const StateGetParams = closed({
  ...jobRef,
  version: optional(Type.Integer({ minimum: 1, maximum: MAX_COUNT }), "An older version; default the newest."),
});

export const StateHistoryParams = closed(jobRef);

export const StateSetParams = closed({
  ...jobRef,
  content: Type.Union([Type.String({ maxLength: STATE_MAX_BYTES }), Type.Null()], {
    description: "JSON text, at most 256 KiB in UTF-8; null forgets all versions.",
  }),
});

const written = {
  bytes: Whole,
  atMs: InstantMs,
  runId: optional(NonEmpty),
  setBy: optional(Type.String(), "Who wrote it, where no run did."),
};

const Version = Type.Integer({ minimum: 1, maximum: MAX_COUNT });

export const StateResult = Type.Object({
  jobId: NonEmpty,
  content: Type.String({ description: "JSON text." }),
  version: optional(Version),
  ...written,
  atMs: optional(InstantMs),
});
export type StateResult = Static<typeof StateResult>;

export const StateSetResult = Type.Object({ jobId: NonEmpty, version: optional(Version) });
export type StateSetResult = Static<typeof StateSetResult>;

export const StateHistoryResult = Type.Object({
  jobId: NonEmpty,
  versions: Type.Array(Type.Object({ version: Version, ...written })),
});
export type StateHistoryResult = Static<typeof StateHistoryResult>;
