/** Full output on disk, in segments under a byte budget. */

export { type LogFiles, logFiles } from "./files.ts";
export { readLog, tailLog } from "./reader.ts";
export { createLogWriter } from "./writer.ts";
