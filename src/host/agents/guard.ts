import type { GatewayClientInfo, PluginApi, ToolCallEvent, ToolCallVerdict } from "../gateway/index.ts";
import { type Offence, offenceOf } from "./judge.ts";

export const REFUSAL =
  "cron command payloads cannot be created or edited through the agent cron tool; use the CLI or Gateway API.";
/** Must be listed in the manifest's `contracts.trustedToolPolicies`. */
export const POLICY_ID = "no-agent-commands";

export const JOB_REFUSAL =
  "command cron jobs cannot be changed, run or removed through the agent cron tool; use the CLI or Gateway API.";

const REFUSALS: Record<Offence, string> = { "command-payload": REFUSAL, "command-job": JOB_REFUSAL };

/** The verdict on one tool call of an agent. What cannot be judged is refused. */
export function judgeToolCall(
  { toolName, params }: ToolCallEvent,
  holdsJob: (id: string) => boolean,
): ToolCallVerdict | undefined {
  const offence = offenceOf(toolName, params, holdsJob);
  return offence === undefined ? undefined : { block: true, blockReason: REFUSALS[offence] };
}

/**
 * Two guards with one judgement: the trusted policy runs before every other plugin and sees what the gateway will run;
 * the hook sees wrappers too, and is all there is on gateways that keep trusted policies to themselves.
 */
export function registerAgentGuard(api: PluginApi, holdsJob: (id: string) => boolean): void {
  const judge = (event: ToolCallEvent) => judgeToolCall(event, holdsJob);
  api.on("before_tool_call", judge);
  api.registerTrustedToolPolicy?.({
    id: POLICY_ID,
    description: "Keeps agents from creating, changing and running command jobs",
    evaluate: judge,
  });
}

/**
 * True for a caller that the gateway itself vouches is an agent run. A shell that an agent started speaks as the gateway's
 * user and cannot be told from a person.
 */
export function isAgentCaller(client: GatewayClientInfo | null | undefined): boolean {
  const internal = client?.internal;
  return internal?.agentRuntimeIdentity !== undefined || internal?.agentRunTracking !== undefined;
}
