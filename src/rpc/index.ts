export { validateJob, validatePatch } from "./checks/validate.ts";
export { createDispatcher, type Dispatcher, type GatewayError, toGatewayError } from "./dispatcher.ts";
export type { Method, Scope } from "./methods/method.ts";
export { METHODS } from "./methods/table.ts";
