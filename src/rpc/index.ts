/** The methods of the gateway this plugin adds: validated, asked, answered. */
export { validateJob, validatePatch } from "./checks/index.ts";
export { createDispatcher, type Dispatcher, toGatewayError } from "./dispatcher.ts";
export { METHODS, type ServiceApi } from "./methods/index.ts";
