import type { PluginApi } from "../gateway/index.ts";

/** What only this plugin's service and its own policy at the gateway know. */
export interface NodeDoor {
  ticket: string;
  list: NonNullable<NonNullable<NonNullable<PluginApi["runtime"]>["nodes"]>["list"]> | undefined;
}
