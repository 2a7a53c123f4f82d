/** Full output on disk, in segments under a byte budget. */
export { type LogChunk, type LogPart, readLog, tailLog } from "./reader.ts";
export type { LogFiles } from "./segments.ts";
export { createLogWriter } from "./writer.ts";
