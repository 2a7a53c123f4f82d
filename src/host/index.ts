export { PLUGIN_ID, registerPlugin } from "./register.ts";
export type { PluginApi } from "./sdk.ts";
export type { PluginFiles } from "./service.ts";
