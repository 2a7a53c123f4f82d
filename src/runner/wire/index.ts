/** The messages between gateway and runner, and the framed channel they travel on. */
export { type Channel, createChannel } from "./channel.ts";
export { isToGateway, isToRunner, PROTOCOL, packSpec, type ToGateway, type ToRunner, unpackSpec } from "./messages.ts";
