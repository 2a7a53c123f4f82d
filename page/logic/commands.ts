import { shellWord } from "../../src/kernel/shell.ts";

/** Something a person may do: by RPC on the native page, else by a line to copy. */
export interface Deed {
  label: string;
  /** `cron.command.<method>`. */
  method: string;
  params: object;
  command: string;
  /** Asked back before it is done. */
  sure?: string;
  /** It only looks: its line is shown, there is nothing to do. */
  looks?: boolean;
}

const short = (id: string): string => id.slice(0, 8);

export const runDeed = (jobId: string): Deed => ({
  label: "Run now",
  method: "run",
  params: { id: jobId },
  command: `command-cron run ${short(jobId)}`,
});

export const stopDeed = (runId: string): Deed => ({
  label: "Stop",
  method: "cancel",
  params: { runId },
  command: `command-cron cancel ${short(runId)}`,
  sure: "End this run and every process it started?",
});

/** The decision about a run that waits for a person; what was looked at is named by its hash. */
export const approvalDeeds = (runId: string, hash: string): Deed[] => [
  {
    label: "Approve",
    method: "approve",
    params: { runId, hash },
    command: `command-cron approve ${short(runId)} --hash ${hash.slice(0, 12)}`,
    sure: "Let it run?",
  },
  {
    label: "Reject",
    method: "reject",
    params: { runId, reason: "rejected on the page" },
    command: `command-cron reject ${short(runId)} --reason "…"`,
  },
];

/** Every run of the job that goes on. */
export const stopJobDeed = (jobId: string): Deed => ({
  label: "Stop",
  method: "cancel",
  params: { id: jobId },
  command: `command-cron cancel ${short(jobId)}`,
  sure: "End what runs of this job, with every process it started?",
});

export const switchDeed = (jobId: string, enabled: boolean): Deed =>
  enabled
    ? {
        label: "Disable",
        method: "update",
        params: { id: jobId, patch: { enabled: false } },
        command: `command-cron disable ${short(jobId)}`,
        sure: "Switch this job off? A run that goes on finishes.",
      }
    : {
        label: "Enable",
        method: "update",
        params: { id: jobId, patch: { enabled: true } },
        command: `command-cron enable ${short(jobId)}`,
      };

/** What can be said of an incident: that it is known, or that it shall be quiet for an hour. */
export const alertDeeds = (alertId: string, acked: boolean): Deed[] => [
  ...(acked
    ? []
    : [
        {
          label: "Acknowledge",
          method: "alerts.ack",
          params: { ref: alertId },
          command: `command-cron alerts ack ${short(alertId)}`,
        },
      ]),
  {
    label: "Snooze 1 h",
    method: "alerts.snooze",
    params: { ref: alertId, forSeconds: 3_600 },
    command: `command-cron alerts snooze ${short(alertId)} --for 1h`,
  },
];

/** What can be done about a message, by its state. */
export function messageDeeds({ deliveryId, state }: { deliveryId: string; state: string }): Deed[] {
  const retry: Deed = {
    label: "Retry",
    method: "deliveries.retry",
    params: { deliveryId },
    command: `command-cron deliveries retry ${short(deliveryId)}`,
  };
  const drop: Deed = {
    label: "Drop",
    method: "deliveries.drop",
    params: { deliveryId },
    command: `command-cron deliveries drop ${short(deliveryId)}`,
    sure: "Give this message up for good?",
  };
  if (state === "pending") return [retry, drop];
  if (state === "dead") return [retry, drop];
  if (state !== "unknown") return [];
  const settle = (as: "sent" | "resend", label: string): Deed => ({
    label,
    method: "deliveries.settle",
    params: { deliveryId, as },
    command: `command-cron deliveries settle ${short(deliveryId)} ${as}`,
  });
  return [settle("sent", "It arrived"), settle("resend", "Send again")];
}

export const laneDeed = ({
  lane,
  pausedAtMs,
  disabledAtMs,
}: {
  lane: string;
  pausedAtMs?: number | undefined;
  disabledAtMs?: number | undefined;
}): Deed => {
  const still = pausedAtMs !== undefined || disabledAtMs !== undefined;
  const word = still ? "resume" : "pause";
  return {
    label: still ? "Resume" : "Pause",
    method: `lanes.${word}`,
    params: { destination: lane },
    command: `command-cron lanes ${word} ${shellWord(lane)}`,
  };
};
