/** The messages between gateway and runner, and the framed channel they travel on. */
export { type Channel, createChannel } from "./channel.ts";
export {
  HEARS_PROGRESS,
  isKey,
  isToGateway,
  isToRunner,
  PROTOCOL,
  packSpec,
  type RunningAttempt,
  type ToGateway,
  type ToRunner,
  unpackSpec,
} from "./messages.ts";
