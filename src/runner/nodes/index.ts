/** Attempts on paired nodes: where each runs, what is said to a node, and what a node does. */
export { createPlaces } from "./places.ts";
export { NODE_COMMAND, NodeCallError, type NodeFabric, type NodeFacts } from "./port.ts";
export { createNodeServer, type NodeServer } from "./serve.ts";
