/** What the gateway offers a plugin: its types, its log, its channels; loads nothing of the host. */
export {
  answeredBy,
  BUTTON_CHANNELS,
  commandLine,
  NAMESPACE,
  presentationOf,
  readButton,
  SILENCE_SECONDS,
} from "./buttons.ts";
export { fenced, longestRun, partsOf } from "./code.ts";
export { configuredChannels, type GatewayConfig } from "./config.ts";
export { adaptLogger } from "./logger.ts";
export { outside } from "./outside.ts";
export type {
  AgentTool,
  ChatClick,
  CronChanged,
  GatewayClientInfo,
  MethodHandler,
  OutboundAdapter,
  PluginApi,
  ServiceContext,
  ToolCallEvent,
  ToolCallVerdict,
} from "./sdk.ts";
export { isSince } from "./version.ts";
