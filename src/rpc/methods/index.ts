/** The table of methods, a file a subject. */
export type { Method, Scope, ServiceApi } from "./method.ts";
export { METHODS } from "./table.ts";
