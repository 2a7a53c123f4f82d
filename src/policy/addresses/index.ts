/** Who is told: names of the settings, routes of failures, webhooks, and when it is tried again. */
export { nextDeliveryAttempt } from "./delivery-backoff.ts";
export { addressesOf, answerAddress, type Named, nameIn, namesOf, resolveNames } from "./destinations.ts";
export { escalationOf, failsUnheard, failureRoutes, type Routing, type Speaks } from "./failure-route.ts";
export { checkWebhooks, checkWebhookUrl, webhookUrlProblem } from "./webhook-url.ts";
