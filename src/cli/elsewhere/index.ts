/** What this user's crontab and systemd start, and the way there and back. */
export { copyCrontab, readCrontab, writeCrontab } from "./crontab.ts";
export { beginMove, endMove, readRecord, SYSTEMS, type System, type TakeOver } from "./record.ts";
export { findTimers, startTimer, stopTimer, type UserTimer } from "./timers.ts";
export { findTwice } from "./twice.ts";
