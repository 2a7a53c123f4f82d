import { ERROR_TABLE } from "../../kernel/error-table.ts";
import type { CommandCronError } from "../../kernel/errors.ts";
import type { DoctorFinding, StoppedReport } from "../api.ts";

/** An engine that could not be started. */
interface Stopped {
  reason: CommandCronError;
  sinceMs: number;
  version: string;
}

/** What is answered although the engine could not be started: how it is. Undefined for every other method. */
export function reportStopped(
  method: string,
  stopped: Stopped,
): StoppedReport | { findings: DoctorFinding[] } | undefined {
  if (method === "cron.command.status") return statusOf(stopped);
  return method === "cron.command.doctor" ? { findings: [findingOf(stopped)] } : undefined;
}

function statusOf({ reason: { code, message }, sinceMs, version }: Stopped): StoppedReport {
  return { enabled: true, state: "stopped", problems: [{ code, message, sinceMs }], version };
}

function findingOf({ reason: { code, message }, sinceMs }: Stopped): DoctorFinding {
  const { action } = ERROR_TABLE[code];
  const why = message.replace(` ${action}.`, "");
  const detail = `the service could not start: ${why} Since ${new Date(sinceMs).toISOString()}; it tries again by itself`;
  return { check: code, level: "error", detail, action };
}
