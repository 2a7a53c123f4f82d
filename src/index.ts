import { join } from "node:path";
import { PLUGIN_ID, type PluginApi, registerPlugin } from "./host/index.ts";

/** The runner lies beside this file once built; it is copied to a place that stays before it runs. */
const files = {
  runnerFile: join(import.meta.dirname, "runner.js"),
  pageFile: join(import.meta.dirname, "page", "index.html"),
  packageFile: join(import.meta.dirname, "..", "package.json"),
};

/** The plugin entry, in the shape the gateway's `definePluginEntry` makes. */
export default {
  id: PLUGIN_ID,
  name: "Command Cron",
  description: "Runs commands on a schedule: on time, once, with nothing left behind",
  register: (api: PluginApi): void => registerPlugin(api, files),
};
