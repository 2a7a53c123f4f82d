import type { Config } from "../../../schema/wire/config.ts";
import type { Job, JobPatch } from "../../../schema/wire/job.ts";
import { diagnoseCommand } from "../../executor/index.ts";
import { type Clock, within } from "../../kernel/clock.ts";
import { SECOND_MS } from "../../kernel/durations.ts";
import { CommandCronError } from "../../kernel/errors.ts";
import { present } from "../../kernel/present.ts";
import type { LedgerReads } from "../../ledger/types.ts";
import { agentsOf } from "../../outbox/message/index.ts";
import { failsUnheard } from "../../policy/addresses/index.ts";
import type { EngineApi, Warning } from "../api.ts";
import { type EngineDeps, workingDirectory } from "../deps.ts";

/** A directory whose server is away answers never; nobody waits for that. */
const LOOK_MS = 2 * SECOND_MS;
const NAMESAKES_SHOWN = 3;

/** A path at the beginning of a shell line is a program, too. */
const LEADING_PATH = /^\s*(?:exec\s+)?((?:~|[\w.@%+-]*)\/[\w.@%+/-]*)(?=\s|$|[;&|])/;

function shellProgram([shell = "", flag = "", line = ""]: readonly string[]): string | undefined {
  return /(^|\/)(ba|da|k|z)?sh$/.test(shell) && /^-[a-z]*c$/.test(flag) ? LEADING_PATH.exec(line)?.[1] : undefined;
}

/** Whether the job asks an agent, which the operator has not allowed. */
export const asksInVain = (job: Pick<Job, "delivery">, { gatewayClient }: Pick<Config, "gatewayClient">): boolean =>
  gatewayClient !== "write" && agentsOf(job).length > 0;

interface LookDeps {
  deps: Pick<EngineDeps, "homeDir" | "hostEnv" | "config">;
  ledger: Pick<LedgerReads, "jobs">;
  clock: Pick<Clock, "setTimer">;
}

/**
 * What can be seen of a job on this host that will keep it from doing what was meant. It is no reason to refuse the job: a
 * program may be installed tomorrow. Of an edit, only what the patch is about, and all of it when it switches the job on.
 */
export function createLook({ deps, ledger, clock }: LookDeps): EngineApi["look"] {
  async function program({ payload }: Pick<Job, "payload">): Promise<CommandCronError | undefined> {
    const cwd = workingDirectory(payload.cwd, deps.homeDir);
    const env = { ...deps.hostEnv, ...payload.env } as Record<string, string>;
    const found = await diagnoseCommand({ argv: payload.argv, cwd, env });
    if (found !== undefined) return found;
    const inShell = shellProgram(payload.argv)?.replace(/^~(?=\/)/, () => deps.homeDir);
    return inShell === undefined ? undefined : diagnoseCommand({ argv: [inShell], cwd, env });
  }

  /** The program of its check, which has the command's directory and variables. */
  async function checkProgram({ payload, policy }: Job): Promise<CommandCronError | undefined> {
    if (policy?.verify === undefined) return undefined;
    const { argv, cwd = payload.cwd } = policy.verify;
    return await program({ payload: { ...payload, argv, ...present({ cwd }) } });
  }

  /** What was seen in time, of a field in this part of the job. */
  async function seen(
    part: string,
    look: Promise<CommandCronError | undefined>,
  ): Promise<CommandCronError | undefined> {
    const found = await within(clock, LOOK_MS, look, () => undefined);
    return found && new CommandCronError(found.code, { ...found.details, field: `${part}.${found.details["field"]}` });
  }

  function namesakes({ id, name }: Job): CommandCronError | undefined {
    const others = ledger.jobs.named(name, NAMESAKES_SHOWN + 1).filter((other) => other !== id);
    if (others.length === 0) return undefined;
    const shown = others.slice(0, NAMESAKES_SHOWN).join(", ");
    const got = others.length > NAMESAKES_SHOWN ? `${name}, as ${shown} and others` : `${name}, as ${shown}`;
    return new CommandCronError("NAME_SHARED", { field: "name", got });
  }

  return async (job, patch) => {
    const about = (...fields: (keyof JobPatch)[]): boolean =>
      patch === undefined || patch.enabled === true || fields.some((field) => patch[field] !== undefined);
    const found: (CommandCronError | undefined)[] = [];
    if (about("payload")) found.push(await seen("payload", program(job)));
    if (about("policy")) found.push(await seen("policy.verify", checkProgram(job)));
    if (about("name")) found.push(namesakes(job));
    if (about("delivery", "failureAlert", "policy") && failsUnheard(job, deps.config)) {
      found.push(new CommandCronError("NOBODY_TOLD", { field: "failureAlert" }));
    }
    if (about("delivery") && asksInVain(job, deps.config)) {
      found.push(new CommandCronError("ASKING_NOT_ALLOWED", { field: "delivery.also" }));
    }
    return found
      .filter((warning) => warning !== undefined)
      .map(({ code, details, message }): Warning => ({ code, field: String(details["field"]), message }));
  };
}
