import type { JobInput } from "../../../schema/wire/job.ts";
import { present } from "../../kernel/present.ts";
import type { JobDefinition, Ledger } from "../../ledger/types.ts";

/** What a job has here and the gateway has no words for; kept while the job is there, so that `adopt` brings it back. */
type KeptAside = Pick<JobDefinition, "policy" | "managedBy" | "tags"> &
  Pick<NonNullable<JobDefinition["delivery"]>, "also">;

const keyOf = (jobId: string): string => `released:${jobId}`;

/** Puts aside what will be lost on the other side; to be called in the transaction that removes the job here. */
export function keepAside(ledger: Ledger, jobId: string, { policy, managedBy, tags, delivery }: JobDefinition): void {
  const kept: KeptAside = present({ policy, managedBy, tags, also: delivery?.also });
  if (Object.keys(kept).length > 0) ledger.setMeta(keyOf(jobId), JSON.stringify(kept));
}

/** A job that comes back, with what was put aside when it left. */
export function withKept(ledger: Ledger, jobId: string, input: Record<string, unknown>): Record<string, unknown> {
  const text = ledger.getMeta(keyOf(jobId));
  if (text === undefined) return input;
  const { also, ...kept } = JSON.parse(text) as KeptAside;
  const delivery = input["delivery"] as JobInput["delivery"];
  return { ...input, ...kept, ...(also === undefined ? {} : { delivery: { mode: "none", ...delivery, also } }) };
}

/** The job is here again. */
export const forgetKept = (ledger: Ledger, jobId: string): void => ledger.setMeta(keyOf(jobId), undefined);
