/** The paired nodes that commands may run on. */
export { addNodes } from "./nodes.ts";
