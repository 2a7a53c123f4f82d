/** The only room that knows the gateway: what is registered there, and what runs in it. */
export type { PluginApi } from "./gateway/index.ts";
export { PLUGIN_ID, registerPlugin } from "./register.ts";
