/** Paired nodes: how the gateway's plugin reaches them, and what the plugin does on one. */
export { createNodeDoor } from "./door.ts";
export { createFabric } from "./fabric.ts";
export { registerNodeCommand } from "./serve.ts";
