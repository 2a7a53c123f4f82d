/** The messages between gateway and runner, and the framed channel they travel on. */
export { type Channel, createChannel } from "./channel.ts";
export { isToGateway, isToRunner, PROTOCOL, type ToGateway, type ToRunner } from "./messages.ts";
