export { createWatch, type EndedRun, type Watch, type WatchDeps } from "./watch.ts";
