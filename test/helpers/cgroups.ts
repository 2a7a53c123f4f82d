import { openCgroups } from "../../src/executor/tree/cgroup.ts";

const trial = openCgroups("command-cron-trial");
trial?.close();

/** True where the host lets us have no control group: tests that need one are skipped, and say so. */
export const noCgroups = trial === undefined;
