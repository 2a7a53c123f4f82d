/** Judges runs, and what time brings without one; opens and closes alerts. */
export { createTeller, type Finding, type Teller } from "./teller.ts";
export { createTimeWatch, type TimeWatch } from "./time.ts";
export { createWatch, type EndedRun, type Watch, type WatchDeps } from "./watch.ts";
