import type { IncomingMessage, ServerResponse } from "node:http";
import type { GatewayRun } from "../../engine/index.ts";
import type { Logger } from "../../kernel/logger.ts";

/** What the gateway hands a plugin, as far as it is used. Optional members are absent on older gateways. */
export interface PluginApi {
  registrationMode?: string;
  /** The directory the plugin is installed in; the code itself may run from a copy. */
  rootDir?: string;
  pluginConfig?: unknown;
  logger: Logger;
  runtime?: {
    /** The gateway's own. */
    version?: string;
    state?: { resolveStateDir?(env: NodeJS.ProcessEnv): string };
    nodes?: { list?(query: object): Promise<{ nodes?: Record<string, unknown>[] }> };
    channel?: { outbound?: { loadAdapter?(channel: string): Promise<OutboundAdapter | undefined> } };
  };
  registerService(service: PluginService): void;
  registerGatewayMethod(name: string, handler: MethodHandler, options: { scope: string }): void;
  registerCli(
    registrar: (context: { program: unknown }) => void | Promise<void>,
    options: { descriptors: { name: string; description: string; hasSubcommands: boolean }[] },
  ): void;
  /** A command that a node serves on which the plugin is installed. */
  registerNodeHostCommand?(command: NodeHostCommand): void;
  /** Stands before every call of these commands at the gateway. */
  registerNodeInvokePolicy?(policy: {
    commands: string[];
    dangerous: boolean;
    handle(call: { params: unknown; invokeNode(input: { params: unknown }): Promise<unknown> }): Promise<unknown>;
  }): void;
  registerTool(tool: AgentTool, options?: { optional?: boolean }): void;
  registerHttpRoute(route: HttpRoute): void;
  /** A click on a button whose value begins with the namespace. */
  registerInteractiveHandler?(handler: {
    channel: string;
    namespace: string;
    handler(click: ChatClick): Promise<{ handled: true }>;
  }): void;
  registerCommand?(command: ChatCommand): void;
  session?: { controls?: { registerControlUiDescriptor?(tab: ControlUiTab): void } };
  registerTrustedToolPolicy?(policy: {
    id: string;
    description: string;
    evaluate(event: ToolCallEvent): ToolCallVerdict | undefined;
  }): void;
  on(hook: "before_tool_call", handler: (event: ToolCallEvent) => ToolCallVerdict | undefined): void;
  on(hook: "gateway_stop", handler: () => void): void;
  on(hook: "cron_changed", handler: (event: CronChanged) => void): void;
  /** `getCron` answers the scheduler in force whenever it is asked. Absent on gateways that hand out none. */
  on(hook: "gateway_start", handler: (event: { port?: number }, context: { getCron?(): unknown }) => void): void;
}

interface NodeHostCommand {
  command: string;
  cap: string;
  dangerous: boolean;
  hasActiveWork(): boolean;
  handle(
    paramsJSON?: string | null,
    io?: unknown,
    context?: {
      signal?: AbortSignal;
      /** Raises what the node's own exec policy has against it; the answer is to be called right before a start. */
      prepareExecAuthorization?(source: "session-full"): () => void;
    },
  ): Promise<string>;
}

/** A click as the gateway tells it: its sender may talk to the gateway, and need be no owner. */
export interface ChatClick {
  senderId?: string;
  conversationId?: string;
  /** What stands behind the namespace, and the message that was clicked. */
  callback?: { payload?: string; messageId?: string | number; chatId?: string };
  respond: { reply(answer: { text: string }): Promise<unknown> };
}

interface ChatCommand {
  name: string;
  description: string;
  acceptsArgs: boolean;
  requiredScopes: string[];
  handler(asked: {
    channel?: string;
    senderId?: string;
    senderIsOwner?: boolean;
    /** Of a client of the gateway, as the Control UI's chat is one. */
    gatewayClientScopes?: string[];
    args?: string;
  }): Promise<{ text: string }>;
}

/** Something has happened to a job of the gateway's own cron; of an end what it came to. */
export interface CronChanged extends GatewayRun {
  action: string;
}

export interface PluginService {
  id: string;
  start(context: ServiceContext): Promise<void>;
  stop(context: ServiceContext): Promise<void>;
}

export interface ServiceContext {
  /** The gateway's own state directory, shared by all plugins. */
  stateDir: string;
  workspaceDir?: string;
  logger: Logger;
  serviceHealth?: { reportFailure(error: unknown): void; clearFailure?(): void };
  /** Asks a node one of this plugin's own commands. Unknown to 2026.6.1. */
  invokeNode?(call: {
    nodeId: string;
    command: string;
    params: unknown;
    timeoutMs: number;
    signal: AbortSignal;
  }): Promise<unknown>;
  gatewayEvents?: { emit(name: string, payload: unknown, options: { scope: string }): void };
}

/** Never log or serialise it: it carries the gateway's token and the live socket. */
export interface GatewayClientInfo {
  connect?: { client?: { id?: string; mode?: string; displayName?: string } };
  internal?: { agentRuntimeIdentity?: unknown; agentRunTracking?: unknown; pluginRuntimeOwnerId?: unknown };
}

export type MethodHandler = (call: {
  params: unknown;
  client?: GatewayClientInfo | null;
  respond(
    ok: boolean,
    payload?: unknown,
    error?: { code: string; message: string; details?: unknown; retryable?: boolean },
  ): void;
}) => Promise<void>;

/** `gateway`: only whoever the gateway knows gets through. `plugin`: the handler decides itself. */
interface HttpRoute {
  path: string;
  auth: "gateway" | "plugin";
  match: "exact" | "prefix";
  /** Answers true: the request is taken. */
  handler(request: IncomingMessage, response: ServerResponse): Promise<boolean> | boolean;
}

/** A tab in the Control UI whose page is the route at `path`, in a frame of its own. */
interface ControlUiTab {
  surface: "tab";
  id: string;
  label: string;
  description: string;
  icon: string;
  group: "control";
  order: number;
  slug: string;
  path: string;
  requiredScopes: string[];
}

export interface AgentTool {
  name: string;
  label: string;
  description: string;
  parameters: unknown;
  execute(callId: string, params: unknown): Promise<{ content: { type: "text"; text: string }[]; details?: unknown }>;
}

export interface ToolCallEvent {
  toolName: string;
  params: unknown;
}

export interface ToolCallVerdict {
  block: true;
  blockReason: string;
}

export interface OutboundAdapter {
  resolveTarget?(params: {
    cfg: unknown;
    to?: string;
    accountId?: string;
    mode: "explicit";
  }): { ok: true; to: string } | { ok: false; error: unknown };
}
