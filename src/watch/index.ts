/** Judges runs, and what time brings without one; opens and closes alerts. */

export type { EndedRun } from "./message.ts";
export { asJob, expectationsOf, plainSchedule, subjectOf } from "./observed.ts";
export { alertChanged, type Found, type Judging, machineOf, silentReason } from "./subject.ts";
export { createTeller, type Finding } from "./teller.ts";
export { ALIVE_KEY, createTimeWatch, type TimeWatchDeps } from "./time.ts";
export { createWatch, type Watch } from "./watch.ts";
