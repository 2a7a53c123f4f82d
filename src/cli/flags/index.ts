/** What flags mean: texts of the command line as parts of a job. */
export { editAsked } from "./ask.ts";
export { alertFromFlags, createDelivery, editDelivery, placeOf } from "./delivery.ts";
export { addFilterFlags, addPageFlags, filterParams, pageParams } from "./filter.ts";
export { addJobFlags } from "./job.ts";
export {
  beginOf,
  choiceFlag,
  countFlag,
  durationFlag,
  eitherFlag,
  given,
  listFlag,
  type Options,
  parseCount,
  parseDuration,
  rawFlag,
  readDuration,
  textFlag,
  usage,
} from "./parse.ts";
export { payloadFromFlags } from "./payload.ts";
export { applyPolicyFlags, readPolicyFlags } from "./policy.ts";
export { createSchedule, editSchedule, hasScheduleFlag, isIsoTime, parseAt, parseSchedule } from "./schedule.ts";
