/** Stands in for the command jobs of the gateway's own cron. */
export { attachCronSeam, type CronSeam } from "./seam.ts";
