import { UNSUPPORTED_JOB_FIELDS, UNSUPPORTED_PAYLOAD_FIELDS } from "../../../schema/wire/job.ts";
import { Schedule, UNSUPPORTED_SCHEDULE_KINDS } from "../../../schema/wire/schedule.ts";
import { CommandCronError, invalid } from "../../kernel/errors.ts";
import { isRecord } from "../../kernel/record.ts";
import { describeValue } from "./describe.ts";
import type { Json } from "./snapshot.ts";

/** The fields of each kind of schedule beside `kind` itself. */
const SCHEDULE_FIELDS: Record<string, readonly string[]> = Object.fromEntries(
  Schedule.anyOf.map(({ properties: { kind, ...fields } }) => [kind.const, Object.keys(fields)]),
);

function refuseFields(record: Json, fields: readonly string[], prefix: string): void {
  for (const field of fields) {
    if (Object.hasOwn(record, field)) throw new CommandCronError("FIELD_UNSUPPORTED", { field: `${prefix}${field}` });
  }
}

function refusePayload(value: unknown, required: boolean): void {
  if (!isRecord(value)) {
    if (value === undefined && !required) return;
    throw invalid("payload", '{"kind":"command","argv":[…]}', describeValue(value, "payload"));
  }
  const kind = value["kind"];
  if (kind !== "command" && (required || kind !== undefined)) {
    throw invalid("payload.kind", '"command"', describeValue(kind, "payload.kind"));
  }
  refuseFields(value, UNSUPPORTED_PAYLOAD_FIELDS, "payload.");
}

function refuseSchedule(value: unknown, required: boolean): void {
  if (value === undefined && !required) return;
  if (!isRecord(value)) {
    throw invalid("schedule", "an object with kind `at`, `every`, `cron` or `after`", describeValue(value, "schedule"));
  }
  const kind = value["kind"];
  if ((UNSUPPORTED_SCHEDULE_KINDS as readonly unknown[]).includes(kind)) {
    throw new CommandCronError("SCHEDULE_KIND_UNSUPPORTED", { field: "schedule.kind", got: JSON.stringify(kind) });
  }
  const fields = typeof kind === "string" && Object.hasOwn(SCHEDULE_FIELDS, kind) ? SCHEDULE_FIELDS[kind] : undefined;
  if (fields === undefined) {
    throw invalid("schedule.kind", '"at", "every", "cron" or "after"', describeValue(kind, "schedule.kind"));
  }
  for (const [other, names] of Object.entries(SCHEDULE_FIELDS)) {
    const stray = other === kind ? undefined : names.find((name) => Object.hasOwn(value, name));
    if (stray !== undefined) {
      throw invalid(
        `schedule.${stray}`,
        `only ${fields.map((name) => `\`${name}\``).join(", ")} with kind "${kind}"`,
        `a field of kind "${other}"`,
      );
    }
  }
}

/**
 * Refuses by name what the gateway knows and command jobs here do not honour, and tells payload and schedule kinds
 * apart before the schema sees them, so that no message lists the alternatives of a union.
 */
export function refuseUnsupported(job: Json, mode: "create" | "patch"): void {
  const required = mode === "create";
  refuseFields(job, UNSUPPORTED_JOB_FIELDS, "");
  if (job["sessionTarget"] === "main") {
    throw new CommandCronError("SESSION_TARGET_UNSUPPORTED", { field: "sessionTarget", got: '"main"' });
  }
  refuseSchedule(job["schedule"], required);
  refusePayload(job["payload"], required);
}
