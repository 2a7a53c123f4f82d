import { CommandCronError, invalid } from "../../kernel/errors.ts";

const MAX_DEPTH = 32;
/** A payload of one-byte arguments stays below this; a bulk import has its own bound. */
const MAX_VALUES = 300_000;

export type Json = Record<string, unknown>;

export const joinPath = (path: string, key: string | number): string => {
  if (typeof key === "number") return `${path}[${key}]`;
  const plain = /^[A-Za-z_$][\w$-]*$/.test(key);
  if (!plain) return `${path}[${JSON.stringify(key.length > 60 ? `${key.slice(0, 60)}…` : key)}]`;
  return path === "" ? key : `${path}.${key}`;
};

/**
 * A deep copy of untrusted parameters as plain JSON: fields whose value is undefined are left out, prototype keys,
 * numbers JSON cannot hold, other kinds of values and excessive depth or size are refused. Nothing that comes in
 * is kept by reference, so a caller cannot change it after it was checked.
 */
export function snapshot(value: unknown, maxValues = MAX_VALUES): unknown {
  let values = 0;
  const copy = (current: unknown, path: string, depth: number): unknown => {
    values += 1;
    if (values > maxValues) {
      throw new CommandCronError("PAYLOAD_TOO_LARGE", { field: path, expected: `at most ${maxValues} values` });
    }
    if (depth > MAX_DEPTH) {
      throw invalid(path, `at most ${MAX_DEPTH} levels of nesting`);
    }
    if (current === null || typeof current === "string" || typeof current === "boolean") return current;
    if (typeof current === "number") {
      if (Number.isFinite(current)) return current;
      throw invalid(path, "a finite number", String(current));
    }
    if (typeof current !== "object") {
      throw invalid(path, "a JSON value", `a ${typeof current}`);
    }
    if (Array.isArray(current)) return current.map((item, index) => copy(item, joinPath(path, index), depth + 1));
    const result: Json = {};
    for (const key of Object.keys(current)) {
      if (key === "__proto__" || key === "constructor" || key === "prototype") {
        throw invalid(joinPath(path, key), "a known field", "a reserved name");
      }
      const item = (current as Json)[key];
      if (item !== undefined) result[key] = copy(item, joinPath(path, key), depth + 1);
    }
    return result;
  };
  return copy(value, "", 0);
}
