import type { Static, TSchema } from "@sinclair/typebox";
import { Ajv, type ValidateFunction } from "ajv";
import { explain } from "./explain.ts";

let shared: Ajv | undefined;

/** Checks a value against a wire schema; raises INVALID_PARAMS with `prefix` before the field's path. */
type Check<T extends TSchema> = (value: unknown, prefix?: string) => Static<T>;

/** The schema is compiled on first use: registering methods at gateway start costs nothing. */
export function createCheck<T extends TSchema>(schema: T): Check<T> {
  let compiled: ValidateFunction | undefined;
  return (value, prefix) => {
    shared ??= new Ajv({ allErrors: false, strict: true, verbose: true });
    compiled ??= shared.compile(schema);
    if (!compiled(value)) throw explain(compiled.errors, prefix);
    return value as Static<T>;
  };
}
