/** The table of methods, a file a subject. */
export type { Method, ServiceApi } from "./method.ts";
export { METHODS } from "./table.ts";
