import type { JobInput, JobPatch } from "../../schema/wire/job.ts";
import { CommandCronError } from "../kernel/errors.ts";

/** Why an address is no webhook's, as what it is; undefined: it is one. Not the address itself, which may carry a password. */
export function webhookUrlProblem(address: string | null | undefined): string | undefined {
  if (typeof address !== "string") return "nothing";
  if (!URL.canParse(address)) return "a text that is no URL";
  const { protocol, username, password } = new URL(address);
  if (protocol !== "http:" && protocol !== "https:") return `the scheme ${JSON.stringify(protocol)}`;
  return username === "" && password === "" ? undefined : "a URL with user name or password";
}

/** Raises WEBHOOK_URL_INVALID. */
export function checkWebhookUrl(address: string | null | undefined, field: string): void {
  const got = webhookUrlProblem(address);
  if (got !== undefined) throw new CommandCronError("WEBHOOK_URL_INVALID", { field, got });
}

interface Target {
  mode?: string | null;
  to?: string | null;
}

function checkTarget(target: Target | null | undefined | false, field: string, requireTo: boolean): void {
  if (!target) return;
  if (target.mode !== "webhook") return;
  if (typeof target.to === "string" || requireTo) checkWebhookUrl(target.to, `${field}.to`);
}

/** Every address a job names; a patch may leave out an address that stays. Raises WEBHOOK_URL_INVALID. */
export function checkWebhooks(
  { delivery, failureAlert }: Pick<JobInput | JobPatch, "delivery" | "failureAlert">,
  what: "job" | "patch",
): void {
  const requireTo = what === "job";
  checkTarget(delivery, "delivery", requireTo);
  checkTarget(delivery?.completionDestination, "delivery.completionDestination", true);
  checkTarget(delivery?.failureDestination, "delivery.failureDestination", requireTo);
  for (const [index, destination] of (delivery?.also ?? []).entries()) {
    checkTarget(destination, `delivery.also[${index}]`, true);
  }
  checkTarget(failureAlert, "failureAlert", false);
}
