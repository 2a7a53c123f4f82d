/** Lanes: what waits for one destination is sent in order, backed off and settled. */
export { createAttempts } from "./attempt.ts";
export { createCarrier } from "./carrier.ts";
export { createCustody } from "./custody.ts";
export { createFolder } from "./fold.ts";
export { createLaneNotices, type LaneNotices, originOf } from "./notices.ts";
export { createOperator, type Operator } from "./operator.ts";
export { createRecorder } from "./recorder.ts";
export { recoverSending } from "./recover.ts";
export { createLaneRunner } from "./runner.ts";
export { createLaneStops } from "./stops.ts";
export { triesOf, withFreshSchedule } from "./tries.ts";
