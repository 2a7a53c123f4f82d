/** Tools that create and edit scheduled jobs, under every name the gateway has given them. */
const CRON_TOOLS = new Set(["cron", "crons", "automation", "automations"]);
/** Words in the names of tools that call other tools: the real name and arguments are then inside the parameters. */
const WRAPPER_WORDS = ["tool", "mcp", "gateway", "rpc", "batch", "parallel", "invoke"];
/** Keys under which a wrapper names the tool or method it calls. */
const NAME_KEYS = new Set([
  "id",
  "tool",
  "toolid",
  "toolname",
  "name",
  "function",
  "target",
  "method",
  "call",
  "ref",
  "path",
]);
/** Keys whose text is meant for people or for a model. It may quote anything, commands too. */
const PROSE_KEYS = new Set([
  "message",
  "text",
  "prompt",
  "name",
  "displayname",
  "description",
  "note",
  "reason",
  "query",
]);
/** JSON in a string in JSON: the gateway unwraps once; deeper is no ordinary call. */
const MAX_UNWRAP = 8;

/** One value inside a call, and the key it stands under. */
export interface Part {
  key: string;
  value: unknown;
  /** How many layers of JSON in strings lie above it. */
  unwrapped: number;
}

/**
 * Looks at every part of what a tool call hands to the gateway's cron tool, until `found` answers true; other tools' calls
 * have no such parts. Parameters arrive as the model wrote them: nested, flattened, padded, as JSON in strings, or inside
 * the arguments of a tool that calls other tools. Raises when they cannot be read.
 */
export function someCronPart(toolName: string, params: unknown, found: (part: Part) => boolean): boolean {
  if (namesCronTool(toolName)) return walk(params, found);
  if (!isWrapper(toolName)) return false;
  return walk(params, (part) => callsCronTool(part.value) && walk(part.value, found));
}

/** A word as it is meant: letters only, whatever their case, width and company. */
export const letters = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^a-z]/g, "");

export const words = (text: string): string[] =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .split(/[^a-z]+/);

export const isProse = (key: string): boolean => PROSE_KEYS.has(letters(key));

const namesCronTool = (name: string): boolean => words(name).some((word) => CRON_TOOLS.has(word));

function isWrapper(toolName: string): boolean {
  const name = letters(toolName);
  return WRAPPER_WORDS.some((word) => name.includes(word));
}

/** An object that names the cron tool as the thing to call. */
function callsCronTool(value: unknown): boolean {
  return propertiesOf(value).some(
    ([key, inner]) => NAME_KEYS.has(letters(key)) && textsOf(inner).some((text) => namesCronTool(text)),
  );
}

/** The strings a value stands for: itself, boxed, or the members of a list. */
export function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (value instanceof String) return [String(value)];
  return Array.isArray(value) ? value.filter((member) => typeof member === "string") : [];
}

/** Visits everything below, JSON in strings included, without recursion: depth is the caller's to choose. */
function walk(root: unknown, found: (part: Part) => boolean): boolean {
  const seen = new Set<unknown>();
  const open: Part[] = [{ key: "", value: root, unwrapped: 0 }];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    if (found(part)) return true;
    const inner = unwrap(part);
    if (inner !== undefined) open.push(inner);
    if (typeof part.value !== "object" || part.value === null || seen.has(part.value)) continue;
    seen.add(part.value);
    for (const [key, value] of propertiesOf(part.value)) open.push({ key, value, unwrapped: part.unwrapped });
  }
  return false;
}

function unwrap({ key, value, unwrapped }: Part): Part | undefined {
  const text = value instanceof String ? String(value) : value;
  if (typeof text !== "string" || isProse(key)) return undefined;
  const trimmed = text.trim();
  if (!/^["[{]/.test(trimmed)) return undefined;
  const parsed = parseJson(trimmed);
  if (parsed === undefined) return undefined;
  if (unwrapped >= MAX_UNWRAP) throw new Error("nested too deeply");
  return { key, value: parsed, unwrapped: unwrapped + 1 };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Own and inherited properties, hidden ones too, up to the prototypes that every object has. */
export function propertiesOf(value: unknown): [string, unknown][] {
  if (typeof value !== "object" || value === null) return [];
  const properties: [string, unknown][] = [];
  if (value instanceof Map) for (const [key, inner] of value) properties.push([String(key), inner]);
  if (value instanceof Set) for (const inner of value) properties.push(["", inner]);
  for (let at: object | null = value; at !== null && !isBuiltIn(at); at = Object.getPrototypeOf(at)) {
    for (const key of Reflect.ownKeys(at)) {
      if (Array.isArray(at) && key === "length") continue;
      properties.push([typeof key === "string" ? key : (key.description ?? ""), Reflect.get(at, key, value)]);
    }
  }
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === "function" && !(value instanceof Date)) properties.push(["", toJSON.call(value)]);
  return properties;
}

const BUILT_IN = new Set<object>([
  Object.prototype,
  Array.prototype,
  Map.prototype,
  Set.prototype,
  Date.prototype,
  String.prototype,
  Number.prototype,
  Boolean.prototype,
]);
/** Parameters may come from another realm, whose `Object.prototype` is a different object with the same constructor name. */
const isBuiltIn = (object: object): boolean =>
  BUILT_IN.has(object) || (Object.getPrototypeOf(object) === null && Object.hasOwn(object, "hasOwnProperty"));
