import type { Action } from "../../../schema/wire/delivery.ts";
import type { JobRecord } from "../../ledger/types.ts";
import type { Target } from "./destinations.ts";

/** What is longer does not fit into one message of every channel. */
const FILE_FROM_LETTERS = 3_000;

/** The file that a long text is to come in, where the job asks for one. */
export function fileFor(
  { definition }: JobRecord,
  [from, to]: [from: number, to: number] = [0, 0],
): string | undefined {
  if (definition.policy?.deliver?.as !== "file" || to - from < FILE_FROM_LETTERS) return undefined;
  return `${definition.name.replace(/[^\p{L}\p{N}._-]+/gu, "-").slice(0, 60)}.txt`;
}

/** What went well comes without a sound where the job asks for that. */
export const silentFor = ({ definition }: JobRecord, status: string): true | undefined =>
  status === "ok" && definition.policy?.deliver?.silent === true ? true : undefined;

/** Below results only where the job asks for it. */
export const buttonsOf = ({ definition }: JobRecord, kind: Target["kind"]): Action[] | undefined =>
  kind === "result" && definition.policy?.deliver?.buttons === true ? ["run", "tail", "disable"] : undefined;
