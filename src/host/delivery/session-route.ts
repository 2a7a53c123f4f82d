import * as sessions from "openclaw/plugin-sdk/session-store-runtime";
import { present } from "../../kernel/present.ts";
import type { Route } from "./targets.ts";

interface StoredRoute {
  lastChannel?: string;
  lastTo?: string;
  lastAccountId?: string;
  lastThreadId?: string | number;
  deliveryContext?: Route;
}

/** Where a session last spoke, by the gateway's session store. 2026.6.1 has no reader for it; its fields are plain. */
export async function sessionRoute(sessionKey: string, agentId: string | undefined): Promise<Route | undefined> {
  const entry = sessions.getSessionEntry({ ...present({ agentId }), sessionKey });
  if (entry === undefined || entry === null) return undefined;
  if (sessions.deliveryContextFromSession !== undefined) return sessions.deliveryContextFromSession(entry);
  const { deliveryContext, lastChannel, lastTo, lastAccountId, lastThreadId } = entry as StoredRoute;
  if (deliveryContext?.channel !== undefined) return deliveryContext;
  if (lastChannel === undefined) return undefined;
  return {
    channel: lastChannel,
    ...present({ to: lastTo, accountId: lastAccountId, threadId: lastThreadId }),
  };
}
