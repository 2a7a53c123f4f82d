/** What a command prints: reading it, masking it, keeping head and tail. */
export { createFifoPool, type FifoPool } from "./fifo-pool.ts";
export { maskPatterns, maskText } from "./mask.ts";
export { createOutput, LATE_OUTPUT_MS, type Output, type Streams } from "./output.ts";
export { type OutputSource, readFifo, readStream } from "./source.ts";
