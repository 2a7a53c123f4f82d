/** What `doctor` finds: the service, its host, its jobs, and jobs of the gateway's own cron that are better here. */
export { doctor } from "./doctor.ts";
