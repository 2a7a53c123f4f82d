import type { ErrorCode } from "../../kernel/errors.ts";

/** Which gateway to ask, as the flags say; empty means the one of this machine's configuration. */
export interface Connection {
  url?: string;
  port?: string;
  token?: string;
  password?: string;
  timeoutMs: number;
}

/** Asks the gateway. Raises GatewayCallError when it refuses, CommandCronError when it cannot be reached. */
export type GatewayCall = (method: string, params: unknown, connection: Connection) => Promise<unknown>;

/** The gateway answered with an error. `code` is the stable code of this product where there is one. */
export class GatewayCallError extends Error {
  readonly code: ErrorCode | string;
  readonly details: Record<string, unknown>;
  /** It did not let us in; the call itself was not looked at. */
  readonly signingIn: boolean;

  constructor(message: string, code: string, details: Record<string, unknown> = {}, signingIn = false) {
    super(message);
    this.name = "GatewayCallError";
    this.code = code;
    this.details = details;
    this.signingIn = signingIn;
  }
}
