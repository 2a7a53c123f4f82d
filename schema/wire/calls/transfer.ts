import { type Static, Type } from "@sinclair/typebox";
import { closed, NonEmpty, oneOf, optional } from "../common.ts";
import { ManagedBy } from "../job.ts";
import { FieldChange, jobRef } from "./shared.ts";

export const ExportParams = closed({
  limit: optional(Type.Integer({ minimum: 1, maximum: 1_000 }), "Jobs a part, default 200."),
  cursor: optional(Type.String({ minLength: 1, maxLength: 2_000 }), "`nextCursor` of the part before."),
});

export const ExportResult = Type.Object({
  version: Type.Literal(1),
  jobs: Type.Array(Type.Unknown()),
  nextCursor: optional(NonEmpty),
});

export const ImportParams = closed({
  file: Type.Unknown({ description: "The parsed `jobs` file, or the text of the others." }),
  format: optional(oneOf(["jobs", "crontab", "system-crontab", "systemd", "ops-jobs", "openclaw-scheduler"])),
  apply: optional(Type.Boolean(), "Default false: answer with the plan only."),
  enable: optional(
    Type.Boolean(),
    "Switch on what comes from another system; default false. `jobs` files say it themselves.",
  ),
  instance: optional(Type.String({ minLength: 1, maxLength: 200 }), "For templates of systemd."),
  only: optional(
    Type.Array(Type.String()),
    "Places of the entries that are meant, as the plan has them in `at`; the others are left out.",
  ),
  origin: optional(
    closed({ hostname: Type.String({ minLength: 1 }), uid: Type.Integer({ minimum: 0, maximum: 4_294_967_295 }) }),
    "Host and user that it comes from; refused when the gateway runs elsewhere or as somebody else.",
  ),
  managedBy: optional(ManagedBy),
  prune: optional(Type.Boolean(), "Remove jobs with this `managedBy` that the file does not name; `jobs` files only."),
});
export type ImportParams = Static<typeof ImportParams>;

export const ImportResult = Type.Object({
  plan: Type.Array(
    Type.Object({
      action: oneOf(["create", "update", "unchanged", "remove", "refused"]),
      name: Type.String(),
      detail: Type.String({ description: "Why it is refused; else `holds` and `notes` in one line." }),
      at: optional(Type.String(), "Where the entry stands in the file."),
      id: optional(Type.String(), "The stored job the entry stands for."),
      enabled: optional(Type.Boolean(), "Whether the job is on afterwards."),
      notes: optional(Type.Array(Type.String()), "What is different here."),
      holds: optional(Type.Array(Type.String()), "What decided there and does not come along; the job is off."),
      ends: optional(
        Type.Object({ what: Type.String(), how: Type.String() }),
        "What still starts it where it comes from, and how to end that.",
      ),
      same: optional(
        Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
        "Jobs that are on here and start the same command.",
      ),
      changes: optional(Type.Array(FieldChange)),
    }),
  ),
  applied: Type.Boolean(),
  absent: Type.Integer({ minimum: 0, description: "Jobs of earlier imports that the file does not name." }),
  problem: optional(Type.String(), "Why nothing of the file is applied."),
});
export type ImportResult = Static<typeof ImportResult>;

export const MoveParams = closed({
  ...jobRef,
  all: optional(Type.Literal(true)),
  apply: optional(Type.Boolean(), "Default false: answer with the plan only."),
  force: optional(Type.Boolean(), "`release`: also jobs that the gateway cannot run as they run here."),
});
export type MoveParams = Static<typeof MoveParams>;

export const MoveResult = Type.Object({
  plan: Type.Array(
    Type.Object({
      action: oneOf(["move", "done", "refused"]),
      id: Type.String(),
      name: Type.String(),
      detail: Type.String(),
    }),
  ),
  applied: Type.Boolean(),
  copy: optional(Type.String(), "File on the gateway's host with the released jobs as they were."),
});
export type MoveResult = Static<typeof MoveResult>;
