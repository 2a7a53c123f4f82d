import { type Static, Type } from "@sinclair/typebox";
import { NonEmpty, oneOf } from "./common.ts";
import { FieldChange } from "./rpc-results.ts";

const Count = Type.Integer({ minimum: 0 });

export const ExportResult = Type.Object({
  version: Type.Literal(1),
  jobs: Type.Array(Type.Unknown()),
  nextCursor: Type.Optional(NonEmpty),
});
export const ImportResult = Type.Object({
  plan: Type.Array(
    Type.Object({
      action: oneOf(["create", "update", "unchanged", "remove", "refused"]),
      name: Type.String(),
      detail: Type.String({ description: "Why it is refused; else `holds` and `notes` in one line." }),
      at: Type.Optional(Type.String({ description: "Where the entry stands in the file." })),
      id: Type.Optional(Type.String({ description: "The stored job the entry stands for." })),
      enabled: Type.Optional(Type.Boolean({ description: "Whether the job is on afterwards." })),
      notes: Type.Optional(Type.Array(Type.String(), { description: "What is different here." })),
      holds: Type.Optional(
        Type.Array(Type.String(), { description: "What decided there and does not come along; the job is off." }),
      ),
      ends: Type.Optional(
        Type.Object(
          { what: Type.String(), how: Type.String() },
          { description: "What still starts it where it comes from, and how to end that." },
        ),
      ),
      same: Type.Optional(
        Type.Array(Type.Object({ id: Type.String(), name: Type.String() }), {
          description: "Jobs that are on here and start the same command.",
        }),
      ),
      changes: Type.Optional(Type.Array(FieldChange)),
    }),
  ),
  applied: Type.Boolean(),
  absent: Type.Integer({ minimum: 0, description: "Jobs of earlier imports that the file does not name." }),
  problem: Type.Optional(Type.String({ description: "Why nothing of the file is applied." })),
});
export type ImportResult = Static<typeof ImportResult>;
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
  copy: Type.Optional(Type.String({ description: "File on the gateway's host with the released jobs as they were." })),
});
export type MoveResult = Static<typeof MoveResult>;
export const BackupResult = Type.Object({ file: NonEmpty, bytes: Count });
export const ConfigResult = Type.Object({ config: Type.Unknown() });
export const CheckResult = Type.Object({ problems: Type.Array(Type.String()) });
