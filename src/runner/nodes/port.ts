/** The command that a node serves. */
export const NODE_COMMAND = "command-cron.runner";

/** What is known of a paired node from the gateway. */
export interface NodeFacts {
  id: string;
  name: string;
  connected: boolean;
  /** Its command is there and approved. */
  serves: boolean;
  /** Why one that is connected does not. */
  notServing?: string;
  lastSeenAtMs?: number;
}

/** A call that was not answered. `dispatched: false` is proof that the node has not got it; anything else is none. */
export class NodeCallError extends Error {
  readonly dispatched: boolean;
  constructor(message: string, dispatched: boolean) {
    super(message);
    this.dispatched = dispatched;
  }
}

/** The gateway's paired nodes, as far as they are used. */
export interface NodeFabric {
  /** Raises when the gateway cannot say. */
  list(): Promise<readonly NodeFacts[]>;
  /** Asks a node's command. Raises NodeCallError. */
  call(nodeId: string, request: object, options: { timeoutMs: number; signal: AbortSignal }): Promise<unknown>;
}
