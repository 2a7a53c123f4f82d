export type { PluginApi } from "./gateway/sdk.ts";
export { PLUGIN_ID, registerPlugin } from "./register.ts";
export type { PluginFiles } from "./service.ts";
