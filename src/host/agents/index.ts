/** What agents may and may not do: the guard on their tool calls, and the read-only status tool. */
export { isAgentCaller, registerAgentGuard } from "./guard.ts";
export { registerStatusTool } from "./status-tool.ts";
