import { isDeepStrictEqual } from "node:util";
import { CommandCronError } from "../../kernel/errors.ts";
import { pick } from "../../kernel/present.ts";
import type { NativeCron, NativeDefinition, NativeJob } from "../../transfer/moves/index.ts";
import { isCommand } from "./jobs.ts";
import type { CronJob, CronService, Fields } from "./service.ts";

/** What an edit can change without a trace of the old value being left behind. */
const REPLACED = ["name", "description", "enabled"];
const BOOKKEEPING = ["createdAtMs", "updatedAtMs", "state", "createdActor", "owner", "scheduledToolPolicy"];

const without = (job: Fields, names: string[]): Fields =>
  Object.fromEntries(Object.entries(job).filter(([name, value]) => value !== undefined && !names.includes(name)));

/** The gateway's own cron as the engine moves jobs to and from it; every call goes past our routing. */
export function createNativeCron(cron: CronService): NativeCron {
  return {
    async list() {
      return (await cron.list({ includeDisabled: true })).filter(isCommand);
    },

    get: (id) => cron.readJob(id),

    async disable(id, description) {
      let state: NativeJob["state"] = {};
      // Asked under the gateway's own lock, so the job cannot start in between.
      await cron.updateWithPrecondition(id, { enabled: false, description }, (job) => {
        if (job.state.runningAtMs !== undefined) throw new CommandCronError("JOB_BUSY", { details: { jobId: id } });
        state = pick(job.state, "lastRunAtMs", "nextRunAtMs");
      });
      if ((await cron.readJob(id))?.enabled !== false) throw new Error(`the gateway did not let go of job ${id}`);
      return state;
    },

    async put(definition) {
      const stored = await cron.readJob(definition.id);
      if (stored !== undefined && sameBut(stored, definition)) await rename(definition);
      else await replace(definition, stored !== undefined);
      const now = await cron.readJob(definition.id);
      if (now?.enabled !== definition.enabled) throw new Error(`the gateway did not take job ${definition.id} back`);
    },
  };

  async function rename({ id, name, description, enabled }: NativeDefinition): Promise<void> {
    await cron.update(id, { name, description: description ?? "", enabled });
  }

  /** An edit cannot clear what it does not mention; only a new job is exactly what its definition says. */
  async function replace(definition: NativeDefinition, exists: boolean): Promise<void> {
    if (exists) await cron.remove(definition.id);
    await cron.add(
      { ...definition },
      {
        enabledExplicit: true,
        // Asked before anything is changed: otherwise the definition would be put over that job.
        matchesExisting({ id }) {
          throw new Error(`the gateway keeps the declarationKey of job ${definition.id} for its job ${id}`);
        },
      },
    );
  }
}

function sameBut(stored: CronJob, definition: NativeDefinition): boolean {
  const names = [...REPLACED, ...BOOKKEEPING];
  return isDeepStrictEqual(plain(without(stored, names)), plain(without(definition, names)));
}

const plain = (value: Fields): unknown => JSON.parse(JSON.stringify(value));
