/** Jobs in and out: export, import, and moves from other schedulers and back. */
export { placeOfMoves } from "./take-over.ts";
export { transfer } from "./transfer.ts";
