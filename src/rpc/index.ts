/** The methods of the gateway this plugin adds: validated, asked, answered. */
export { validateJob, validatePatch } from "./checks/index.ts";
export { createDispatcher, type Dispatcher, type GatewayError, toGatewayError } from "./dispatcher.ts";
export { METHODS, type Method, type Scope, type ServiceApi } from "./methods/index.ts";
