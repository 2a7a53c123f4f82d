/** The messages between gateway and runner, and the framed channel they travel on. */
export { type Channel, createChannel } from "./channel.ts";
export {
  HEARS_PROGRESS,
  hasFields,
  isCount,
  isKey,
  isText,
  isToGateway,
  isToRunner,
  optional,
  PROTOCOL,
  packSpec,
  type RunningAttempt,
  type ToGateway,
  type ToRunner,
  unpackSpec,
} from "./messages.ts";
