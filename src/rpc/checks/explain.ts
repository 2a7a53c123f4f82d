import type { ErrorObject } from "ajv";
import { CommandCronError, invalid } from "../../kernel/errors.ts";
import { isRecord } from "../../kernel/record.ts";
import { describeValue, nearest } from "./describe.ts";
import { joinPath } from "./snapshot.ts";

interface Schema {
  const?: unknown;
  type?: string;
  anyOf?: Schema[];
  description?: string;
  properties?: Record<string, Schema>;
}

const ARTICLE: Record<string, string> = {
  string: "a text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  object: "an object",
  array: "a list",
  null: "null",
};

/** `/payload/argv/0` as `payload.argv[0]`. */
function fieldPath(pointer: string): string {
  let path = "";
  for (const part of pointer.split("/").slice(1)) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    path = joinPath(path, /^\d+$/.test(key) ? Number(key) : key);
  }
  return path;
}

const jsonType = (value: unknown): string => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

const fitsType = (schema: Schema, value: unknown): boolean => {
  if ("const" in schema) return schema.const === value;
  const type = jsonType(value);
  return schema.type === undefined || schema.type === type || (schema.type === "integer" && type === "number");
};

/** Whether a branch is for values with this word in the field. */
const isFor = (branch: Schema, field: string, word: unknown): boolean => {
  const { const: only, anyOf = [] } = branch.properties?.[field] ?? {};
  return only === word || anyOf.some((one) => one.const === word);
};

/** The branch a value was meant for: by its `kind` or `mode`, by its fields, else the only one of its type. */
function intendedBranch(branches: Schema[], value: unknown): number | undefined {
  if (isRecord(value)) {
    for (const field of ["kind", "mode"]) {
      const named = branches.findIndex((branch) => isFor(branch, field, value[field]));
      if (named !== -1 && value[field] !== undefined) return named;
    }
    const known = branches.flatMap(({ properties }, index) =>
      properties !== undefined && Object.keys(value).every((name) => Object.hasOwn(properties, name)) ? [index] : [],
    );
    if (known.length === 1) return known[0];
  }
  const byType = branches.flatMap((branch, index) => (fitsType(branch, value) ? [index] : []));
  return byType.length === 1 ? byType[0] : undefined;
}

const alternatives = (branches: Schema[]): string => {
  const names = branches.map((branch) =>
    "const" in branch ? JSON.stringify(branch.const) : (branch.description ?? ARTICLE[branch.type ?? ""] ?? "a value"),
  );
  return names.length === 1 ? `${names[0]}` : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
};

/** The one error worth telling, out of ajv's list: unions are followed into the branch that was meant. */
function decisive(errors: readonly ErrorObject[]): { error: ErrorObject; expected?: string } | undefined {
  const last = errors.at(-1);
  if (last === undefined || last.keyword !== "anyOf") return last && { error: last };
  const branches = last.schema as Schema[];
  const chosen = intendedBranch(branches, last.data);
  if (chosen !== undefined) {
    const inside = errors.filter((error) => error.schemaPath.startsWith(`${last.schemaPath}/${chosen}/`));
    const found = decisive(inside);
    if (found !== undefined) return found;
  }
  return { error: last, expected: alternatives(branches) };
}

/** What a keyword of ajv's asks for, by its parameters. */
const EXPECTED: Record<string, (params: Record<string, unknown>, description: string | undefined) => string> = {
  type: ({ type }) => ARTICLE[String(type)] ?? String(type),
  const: ({ allowedValue }) => JSON.stringify(allowedValue),
  minLength: ({ limit }) => (limit === 1 ? "a text that is not empty" : `at least ${limit} characters`),
  maxLength: ({ limit }) => `at most ${limit} characters`,
  minItems: ({ limit }) => `at least ${limit} ${limit === 1 ? "item" : "items"}`,
  maxItems: ({ limit }) => `at most ${limit} items`,
  minimum: ({ limit }) => `a number of at least ${limit}`,
  maximum: ({ limit }) => `a number of at most ${limit}`,
  pattern: ({ pattern }, said = `a text matching ${pattern}`) =>
    pattern === "\\S" ? "a text that is not blank" : said,
};

function expectation({ keyword, params, parentSchema, message = "another value" }: ErrorObject): string {
  const { description } = (parentSchema ?? {}) as Schema;
  return EXPECTED[keyword]?.(params as Record<string, unknown>, description) ?? description ?? message;
}

/** Turns ajv's findings into one INVALID_PARAMS that names the field, what was expected and what came. */
export function explain(errors: readonly ErrorObject[] | null | undefined, prefix = ""): CommandCronError {
  const found = decisive(errors ?? []);
  if (found === undefined) return new CommandCronError("INVALID_PARAMS");
  const { error } = found;
  const at = fieldPath(error.instancePath);
  const params = error.params as Record<string, unknown>;
  const within = (path: string): string =>
    prefix === "" || path === "" ? `${prefix}${path}` : path.startsWith("[") ? `${prefix}${path}` : `${prefix}.${path}`;

  if (error.keyword === "required") {
    const field = within(joinPath(at, String(params["missingProperty"])));
    return invalid(field, "a value", "nothing");
  }
  if (error.keyword === "additionalProperties") {
    const name = String(params["additionalProperty"]);
    const known = Object.keys((error.parentSchema as Schema | undefined)?.properties ?? {});
    const meant = nearest(name, known);
    return invalid(
      within(joinPath(at, name)),
      meant === undefined ? "a known field" : `a known field, perhaps \`${meant}\``,
      "an unknown one",
    );
  }
  const field = within(at);
  return new CommandCronError("INVALID_PARAMS", {
    ...(field === "" ? { field: "params" } : { field }),
    expected: found.expected ?? expectation(error),
    got: describeValue(error.data, field),
  });
}
