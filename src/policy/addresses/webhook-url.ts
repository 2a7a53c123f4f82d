import type { JobInput, JobPatch } from "../../../schema/wire/job.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import { nameIn } from "./destinations.ts";

/** Ports that `fetch` never connects to, https://fetch.spec.whatwg.org/#port-blocking; a request to one fails each time. */
const FORBIDDEN_PORTS = new Set(
  `0 1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 123 135 137
  139 143 161 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 990 993 995 1719 1720
  1723 2049 3659 4045 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080`.split(/\s+/),
);

/** Why an address is no webhook's, as what it is; undefined: it is one. Not the address itself, which may carry a password. */
export function webhookUrlProblem(address: string | null | undefined): string | undefined {
  if (typeof address !== "string") return "nothing";
  if (!URL.canParse(address)) return "a text that is no URL";
  const { protocol, username, password, port } = new URL(address);
  if (protocol !== "http:" && protocol !== "https:") return `the scheme ${JSON.stringify(protocol)}`;
  if (username !== "" || password !== "") return "a URL with user name or password";
  return FORBIDDEN_PORTS.has(port)
    ? `a URL with port ${port}, which no HTTP client of this kind connects to`
    : undefined;
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
  if (target.mode !== "webhook" || nameIn({ mode: "webhook", to: target.to }) !== undefined) return;
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
