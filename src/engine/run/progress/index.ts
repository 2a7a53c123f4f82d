/** How far running attempts are: kept, told of while they go on, and when they will be over. */
export { createProgressKeeper, type ProgressKeeper, progressOf } from "./keeper.ts";
export { createLiving } from "./living.ts";
