import type { Config } from "../../../schema/wire/config.ts";
import type { JobDefaults } from "../../../schema/wire/defaults.ts";
import { present } from "../../kernel/present.ts";
import { checkWebhooks } from "../../policy/addresses/index.ts";
import { checkName, checkPolicy, namedBy } from "../jobs/index.ts";

/** The config's defaults for jobs without what cannot be used here; each of those costs itself alone, and is told. */
export function usableDefaults(
  config: Config,
  platform: NodeJS.Platform,
  asks: (check: () => void, prefix: string) => boolean,
): JobDefaults | undefined {
  const { defaults, pools = {} } = config;
  if (defaults === undefined) return undefined;
  const isUsable = (check: () => void): boolean => asks(check, "defaults: ");
  const policies = Object.entries(defaults.policy ?? {}).filter(([name, value]) =>
    isUsable(() => checkPolicy({ [name]: value }, { pools, platform })),
  );
  const { delivery, ...rest } = defaults;
  const delivers = delivery !== undefined && isUsable(() => checkWebhooks({ delivery }, "job"));
  // A name that is not there is told of, and what goes to it is kept: it may come back, as those that jobs give.
  for (const [field, name] of namedBy(present({ delivery }))) isUsable(() => checkName(config, field, name));
  return { ...rest, policy: Object.fromEntries(policies), ...(delivers ? { delivery } : {}) };
}
