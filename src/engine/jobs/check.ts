import type { Delivery, Destination, Receiver } from "../../../schema/wire/delivery.ts";
import type { JobPatch } from "../../../schema/wire/job.ts";
import { supportedLimits } from "../../executor/index.ts";
import { CommandCronError, invalid } from "../../kernel/errors.ts";
import { pick } from "../../kernel/present.ts";
import type { JobDefinition, JobOrigin } from "../../ledger/types.ts";
import { answerAddress, checkWebhooks, nameIn } from "../../policy/addresses/index.ts";
import { compileSchedule, refuseYears } from "../../policy/time/index.ts";
import { DEFAULT_POOL } from "../../scheduler/index.ts";
import type { EngineDeps, Settings } from "../deps.ts";
import { checkName, namedBy } from "./named.ts";
import { checkTarget } from "./target.ts";

/**
 * Answers the definition with its targets resolved, or raises what is wrong with it. Of an edit only what the patch is
 * about is looked at: a job whose channel or pool has gone can still be disabled and repaired.
 */
type CheckJob = (definition: JobDefinition, origin: JobOrigin, patch?: JobPatch) => Promise<JobDefinition>;

const isTargetError = (error: unknown): boolean =>
  error instanceof CommandCronError && /^DELIVERY_TARGET_/.test(error.code);

/** Standard input has one source, and only a follower has a parent. */
function checkInput({ schedule, payload }: JobDefinition): void {
  if (payload.inputFrom === undefined || (schedule.kind === "after" && payload.input === undefined)) return;
  const [expected, got] =
    payload.input === undefined
      ? ["a job with a schedule of kind `after`", `one of kind \`${schedule.kind}\``]
      : ["either `input` or `inputFrom`", "both"];
  throw invalid("payload.inputFrom", expected, got);
}

interface Facts {
  pools: Settings["pools"];
  platform: EngineDeps["platform"];
}

/** Raises POOL_UNKNOWN, POLICY_UNSUPPORTED, INVALID_PARAMS for what this host or its config does not know. */
export function checkPolicy(policy: JobDefinition["policy"], { pools, platform }: Facts): void {
  if (policy?.pool !== undefined && policy.pool !== DEFAULT_POOL && !Object.hasOwn(pools, policy.pool)) {
    throw new CommandCronError("POOL_UNKNOWN", {
      field: "policy.pool",
      expected: `one of ${[DEFAULT_POOL, ...Object.keys(pools)].join(", ")}`,
      got: policy.pool,
    });
  }
  if (policy?.state !== undefined && policy.overlap === "allow_all") {
    throw invalid(
      "policy.overlap",
      "another policy than `allow_all` for a job that keeps a state: two runs at once would lose one of theirs",
      "allow_all",
    );
  }
  for (const name of Object.keys(policy?.limits ?? {})) {
    const supported = supportedLimits(platform);
    if (!supported.includes(name as never)) {
      throw new CommandCronError("POLICY_UNSUPPORTED", {
        field: `policy.limits.${name}`,
        expected: supported.length === 0 ? `no limits on ${platform}` : `one of ${supported.join(", ")}`,
        got: name,
      });
    }
  }
}

export function createJobCheck(deps: EngineDeps, settings: Settings): CheckJob {
  async function resolveDelivery(delivery: Delivery, definition: JobDefinition): Promise<Delivery> {
    const session = pick(definition, "agentId", "sessionKey");
    const resolve = async (target: Destination): Promise<Destination> =>
      nameIn(target) === undefined ? await deps.resolveTarget(target, session) : target;
    const also = await Promise.all(
      (delivery.also ?? []).map(async (receiver): Promise<Receiver> => {
        if (receiver.mode !== "agent") return await resolve(receiver);
        const address = answerAddress(receiver);
        if (address === undefined) return receiver;
        const { mode: _mode, bestEffort: _effort, ...found } = await resolve(address);
        return { ...receiver, ...found };
      }),
    );
    const withAlso = delivery.also === undefined ? delivery : { ...delivery, also };
    if (delivery.mode !== "announce") return withAlso;
    const { completionDestination: _c, failureDestination: _f, also: _a, ...target } = delivery;
    return { ...withAlso, ...(await resolve(target as Destination)), mode: "announce" };
  }

  return async (definition, origin, patch) => {
    const touches = (...fields: (keyof JobPatch)[]): boolean =>
      patch === undefined || fields.some((field) => patch[field] !== undefined);
    // Whether it can still fire is asked where the job is to be scheduled.
    if (touches("schedule")) {
      // The gateway takes such an expression, and what it has taken runs on.
      if (origin === "plugin") refuseYears(definition.schedule);
      compileSchedule(definition.schedule, { jobId: "", hostTz: deps.hostTz, anchorDefaultMs: 0 });
    }
    if (touches("schedule", "payload")) checkInput(definition);
    if (touches("policy", "payload", "schedule")) await checkTarget(deps, definition);
    if (touches("policy")) checkPolicy(definition.policy, { pools: settings.pools, platform: deps.platform });
    if (touches("delivery", "failureAlert")) {
      checkWebhooks(definition, "job");
      if (origin === "plugin") for (const [field, name] of namedBy(definition)) checkName(deps.config, field, name);
    }
    if (definition.delivery === undefined || !touches("delivery", "agentId", "sessionKey")) return definition;
    try {
      return { ...definition, delivery: await resolveDelivery(definition.delivery, definition) };
    } catch (error) {
      // The gateway has accepted it by its own, wider rule: it stays as given, and a delivery that fails says so.
      if (origin !== "plugin" && isTargetError(error)) return definition;
      throw error;
    }
  };
}
