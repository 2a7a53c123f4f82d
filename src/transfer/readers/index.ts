/** Reads the files of other systems as candidates for jobs, and says what becomes of their keys. */
import type { KeyTable } from "../keys.ts";
import { CRONTAB_KEYS } from "./crontab/index.ts";
import { SCHEDULER_KEYS } from "./openclaw-scheduler-keys.ts";
import { OPS_KEYS } from "./ops-jobs.ts";
import { SYSTEMD_KEYS } from "./systemd/index.ts";

export { readCandidates } from "./read.ts";
export const KEY_TABLES: readonly KeyTable[] = [CRONTAB_KEYS, SYSTEMD_KEYS, OPS_KEYS, SCHEDULER_KEYS];
