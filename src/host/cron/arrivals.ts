import type { JobPatch } from "../../../schema/wire/job.ts";
import type { Engine } from "../../engine/index.ts";
import { errorText } from "../../kernel/errors.ts";
import type { Logger } from "../../kernel/logger.ts";
import type { Moves } from "../../transfer/moves/index.ts";
import { isOurs, toJobInput } from "./jobs.ts";
import type { OwnStore } from "./own.ts";
import type { CronJob, CronService } from "./service.ts";

interface Receivers {
  native: CronService;
  own: OwnStore;
  engine: Pick<Engine, "updateJob">;
  moves: Pick<Moves, "adopt">;
}

const CALLER = { label: "openclaw cron" };

/** Command jobs that were added to the gateway's own cron before this plugin stood in for it; they come over. */
export function createArrivals(logger: Logger) {
  const noted = new Set<string>();
  const left = new Set<string>();
  return {
    /** The gateway says that a job was added to its cron. */
    note: (id: string): void => void (left.has(id) || noted.add(id)),
    /** The plugin itself is about to add this job there: it is meant to be there. */
    leaves: (id: string): void => void left.add(id),
    /** Whether some may have to come over. */
    waiting: () => noted.size > 0,
    /** Takes them over. What runs there just now waits for its end. */
    async takeOver({ native, own, engine, moves }: Receivers): Promise<void> {
      for (const id of [...noted]) {
        const job = await native.readJob(id);
        if (job?.state.runningAtMs !== undefined) continue;
        noted.delete(id);
        if (job === undefined || !comesOver(job) || own.has(id)) continue;
        const meant = asAdded(job);
        const { plan } = await moves.adopt({ id, apply: true }, CALLER);
        if (!own.has(id)) {
          logger.warn(`job ${id} (${job.name}) stays in the gateway's cron: ${plan[0]?.detail}`);
          continue;
        }
        logger.info(`job ${id} (${job.name}) was added before the plugin was up, and came over`);
        await engine.updateJob(id, meant, CALLER).catch((error) => logger.warn(`job ${id}: ${errorText(error)}`));
      }
    },
  };
}

/** An addition may have been under way when the plugin stood in, so when the job was made says nothing. */
const comesOver = (job: CronJob): boolean => job["owner"] === undefined && isOurs({ ...job, state: undefined });

/** What it would be had it been added here: without what the gateway fills in, and what a move writes on it. */
function asAdded({ name, payload, schedule: shown, description: text }: CronJob): JobPatch {
  const { schedule, description = "" } = toJobInput({ name, payload, schedule: shown, description: text });
  return { schedule, description };
}
