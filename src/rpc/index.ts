export { createDispatcher, type Dispatcher, type GatewayError, toGatewayError } from "./dispatcher.ts";
export type { Method, Scope } from "./method.ts";
export { METHODS } from "./methods.ts";
export { validateJob, validatePatch } from "./validate.ts";
