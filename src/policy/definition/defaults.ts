import type { JobDefaults } from "../../../schema/wire/defaults.ts";
import type { JobInput } from "../../../schema/wire/job.ts";
import type { JobPolicy } from "../../../schema/wire/policy.ts";

type Definition = Pick<JobInput, "payload" | "policy" | "delivery">;

/** A definition in force: where it says nothing, the config does. Answers the same object where that changes nothing. */
export function withDefaults<T extends Definition>(written: T, defaults: JobDefaults | undefined): T {
  if (defaults === undefined) return written;
  const { timeoutSeconds, delivery } = defaults;
  const policy = { ...usual(written.policy, defaults.policy), ...written.policy } as JobPolicy;
  return {
    ...written,
    ...(Object.keys(policy).length === 0 ? {} : { policy }),
    ...(written.delivery === undefined && delivery !== undefined ? { delivery } : {}),
    payload: timeoutSeconds === undefined ? written.payload : { timeoutSeconds, ...written.payload },
  };
}

/** A state needs runs one at a time, whatever the others do. */
function usual(own: JobPolicy | undefined, common: JobDefaults["policy"] = {}): JobDefaults["policy"] {
  if (own?.state === undefined || common.overlap !== "allow_all") return common;
  const { overlap: _many, ...rest } = common;
  return rest;
}

/** What the job itself says of a definition in force. */
export function saidBy<T extends Definition>({
  fromDefaults = [],
  ...job
}: T & { fromDefaults?: string[] }): Omit<T, "fromDefaults"> {
  const isOwn =
    (prefix: string) =>
    ([name]: [string, unknown]): boolean =>
      !fromDefaults.includes(prefix + name);
  const own = (prefix: string, fields: object): object =>
    Object.fromEntries(Object.entries(fields).filter(isOwn(prefix)));
  const { policy, payload } = job as Definition;
  return own("", {
    ...job,
    payload: own("payload.", payload),
    ...(policy === undefined ? {} : { policy: own("policy.", policy) }),
  }) as Omit<T, "fromDefaults">;
}

/** What of a definition in force the job itself does not say: `policy.retry`, `payload.timeoutSeconds`, `delivery`. */
export function namesFromDefaults(written: Definition, inForce: Definition): string[] {
  if (written === inForce) return [];
  const policies = Object.keys(inForce.policy ?? {}).filter((name) => !Object.hasOwn(written.policy ?? {}, name));
  return [
    ...policies.map((name) => `policy.${name}`),
    ...(written.payload.timeoutSeconds === inForce.payload.timeoutSeconds ? [] : ["payload.timeoutSeconds"]),
    ...(written.delivery === inForce.delivery ? [] : ["delivery"]),
  ];
}
