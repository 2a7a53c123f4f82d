/** What is said in words, and whether it is said at all. */
export {
  alertAbout,
  alertText,
  disabledText,
  headline,
  maskLikelySecrets,
  recoveryText,
} from "./alert-text.ts";
export { commandLine, isLongInline, onlyRuns } from "./command-line.ts";
export { isOtherLevel, livingEnd, livingText, saysMore } from "./living-text.ts";
export { compileMatch, findsMatch } from "./match.ts";
export { answerText, questionText } from "./question.ts";
export { redacted } from "./redact.ts";
export { firstBytes, lastBytes, safeText } from "./safe-text.ts";
export {
  type DeliveryDecision,
  type DeliveryQuestion,
  decideDelivery,
  isNoReply,
} from "./speak.ts";
export { type KeptStream, type SummaryQuestion, showStream, summarize } from "./text.ts";
export { type DigestFacts, digestText, timeText } from "./time-text.ts";
