/** Sends messages: announcements through the gateway's channels, and webhooks. */
export { createSender } from "./senders.ts";
export { sessionRoute } from "./session-route.ts";
export { resolveTarget } from "./targets.ts";
