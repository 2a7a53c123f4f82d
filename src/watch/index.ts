/** Judges runs; opens and closes alerts. */
export { createWatch, type EndedRun, type Watch, type WatchDeps } from "./watch.ts";
