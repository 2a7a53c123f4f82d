import { isDeepStrictEqual } from "node:util";
import type { FieldChange } from "../../../schema/wire/calls/shared.ts";
import type { JobInput } from "../../../schema/wire/job.ts";
import { isRecord } from "../../kernel/record.ts";

/** Where people put what nobody else should read. */
const CONFIDENTIAL = /^payload\.(env\.|input$)/;
const DEFAULTS = { enabled: true, sessionTarget: "isolated", wakeMode: "now" };

/** What storing `after` in the place of `before` changes, field by field, in alphabetical order; lists count as one field. */
export function changesBetween(before: JobInput, after: JobInput): FieldChange[] {
  const [old, next] = [fieldsOf({ ...DEFAULTS, ...before }), fieldsOf({ ...DEFAULTS, ...after })];
  return [...new Set([...old.keys(), ...next.keys()])]
    .filter((field) => !isDeepStrictEqual(old.get(field), next.get(field)))
    .sort()
    .map((field) => ({ field, ...shown("from", field, old.get(field)), ...shown("to", field, next.get(field)) }));
}

function shown(side: "from" | "to", field: string, value: unknown): Partial<FieldChange> {
  return value === undefined || CONFIDENTIAL.test(field) ? {} : { [side]: JSON.stringify(value) };
}

function fieldsOf(value: object, prefix = "", fields = new Map<string, unknown>()): Map<string, unknown> {
  for (const [key, inner] of Object.entries(JSON.parse(JSON.stringify(value)) as Record<string, unknown>)) {
    if (isRecord(inner)) fieldsOf(inner, `${prefix}${key}.`, fields);
    else fields.set(`${prefix}${key}`, inner);
  }
  return fields;
}
