/** Tools that create and edit scheduled jobs, under every name the gateway has given them. */
const CRON_TOOLS = new Set(["cron", "crons", "automation", "automations"]);
/** Words in the names of tools that call other tools: the real name and arguments are then inside the parameters. */
const WRAPPER_WORDS = ["tool", "mcp", "gateway", "rpc", "batch", "parallel", "invoke"];
/** Keys under which a wrapper names the tool or method it calls. */
const NAME_KEYS = new Set("id tool toolid toolname name function target method call ref path".split(" "));
/** Keys whose text is meant for people or for a model. It may quote anything, commands too. */
const PROSE_KEYS = new Set("message text prompt name displayname description note reason query".split(" "));
/** JSON in a string in JSON: the gateway unwraps once; deeper is no ordinary call. */
const MAX_UNWRAP = 8;
/** A call is looked at in the gateway's event loop. One with more values than this is not judged, and so refused. */
export const PARTS_MAX = 2_000;
/** The quick look for the cron tool's name may take in more: values, names, and four for each object. */
const MENTIONS_MAX = 40_000;
const OBJECT_COUNTS = 4;
/** No name of a tool, action or job is longer; longer texts are read to no end. */
export const NAME_MAX = 100;
/** What a text that looks like JSON counts as: reading one that is none takes as long as so many values. */
const TEXT_PARTS = 10;

/** One value inside a call, and the key it stands under. */
export interface Part {
  /** As it is meant: letters only. */
  key: string;
  value: unknown;
}

interface OpenPart extends Part {
  /** How many layers of JSON in strings lie above it. */
  unwrapped: number;
  /** Whether it is handed to the cron tool. */
  handed: boolean;
}

/**
 * Shows every part of what a tool call hands to the gateway's cron tool to `visit`, until that answers true; other tools'
 * calls have no such parts. Parameters arrive as the model wrote them: nested, flattened, padded, as JSON in strings, or
 * inside the arguments of a tool that calls other tools. One walk, without recursion: depth is the caller's to choose.
 * Answers whether `visit` did. Raises when they cannot be read, or are more than `PARTS_MAX`.
 */
export function someCronPart(toolName: string, params: unknown, visit: (part: Part) => boolean): boolean {
  const handed = namesCronTool(toolName);
  if (!handed && !(isWrapper(toolName) && mayMentionCronTool(params))) return false;
  const meant = createMeanings();
  /** Objects that were walked through, and whether as part of what the cron tool gets. */
  const seen = new Map<object, boolean>();
  const open: OpenPart[] = [{ key: "", value: params, unwrapped: 0, handed }];
  let parts = 1;

  function add(part: OpenPart, counts = 1): void {
    parts += counts;
    if (parts > PARTS_MAX) throw new Error("too large to be judged");
    open.push(part);
  }

  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const { key, value, unwrapped } = part;
    if (part.handed && visit(part)) return true;
    const text = jsonTextOf(part);
    if (text !== undefined) add({ ...part, value: parseJson(text, unwrapped), unwrapped: unwrapped + 1 }, TEXT_PARTS);
    if (typeof value !== "object" || value === null) continue;
    const before = seen.get(value);
    if (before === true || before === part.handed) continue;
    const properties = propertiesOf(value).map(([name, member]) => ({ key: meant(name), value: member }));
    const below = part.handed || properties.some(callsCronTool);
    if (below && !part.handed && visit({ key, value })) return true;
    seen.set(value, below);
    for (const property of properties) add({ ...property, unwrapped, handed: below });
  }
  return false;
}

const plain = (text: string): string => (isAscii(text) ? text : text.normalize("NFKC")).toLowerCase();

const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

/** A word as it is meant: letters only, whatever their case, width and company. */
export const letters = (text: string): string => plain(text).replace(/[^a-z]/g, "");

export const words = (text: string): string[] => plain(text).split(/[^a-z]+/);

/** Whether the text under a key is for people; the key as it is meant. */
export const isProse = (key: string): boolean => PROSE_KEYS.has(key);

/** The keys of one call, each read once. */
function createMeanings(): (key: string) => string {
  const known = new Map<string, string>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const meaning = letters(key.trim().slice(0, NAME_MAX));
    known.set(key, meaning);
    return meaning;
  };
}

function namesCronTool(name: string): boolean {
  const text = name.trim();
  return text.length <= NAME_MAX && words(text).some((word) => CRON_TOOLS.has(word));
}

function isWrapper(toolName: string): boolean {
  const name = letters(toolName);
  return WRAPPER_WORDS.some((word) => name.includes(word));
}

/** A property that names the cron tool as the thing to call. */
const callsCronTool = ({ key, value }: Part): boolean => NAME_KEYS.has(key) && textsOf(value).some(namesCronTool);

/** The strings a value stands for: itself, boxed, or the members of a list. */
export function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (value instanceof String) return [String(value)];
  return Array.isArray(value) ? value.filter((member) => typeof member === "string") : [];
}

/** The text of a part that may be JSON; undefined where it is none, or prose, or no matter of the cron tool. */
function jsonTextOf({ key, value, handed }: OpenPart): string | undefined {
  const text = value instanceof String ? String(value) : value;
  if (typeof text !== "string" || isProse(key)) return undefined;
  const trimmed = text.trim();
  if (!/^["[{]/.test(trimmed)) return undefined;
  return handed || mayNameCronTool(trimmed) ? trimmed : undefined;
}

/**
 * False for plain data in which no text can be the cron tool's name: what other tools get, large as it may be, is not held
 * up. Raises when it is too large for that.
 */
function mayMentionCronTool(params: unknown): boolean {
  const seen = new Set<object>();
  const open: unknown[] = [params];
  let parts = 0;
  function count(more: number): void {
    parts += more;
    if (parts > MENTIONS_MAX) throw new Error("too large to be judged");
  }
  while (open.length > 0) {
    const value = open.pop();
    count(1);
    if (typeof value === "string" ? mayNameCronTool(value) : typeof value === "function") return true;
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    if (Array.isArray(value)) {
      if (value.length > MENTIONS_MAX) throw new Error("too large to be judged");
      for (const member of value) open.push(member);
      continue;
    }
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== null && prototype !== Object.prototype) return true;
    count(OBJECT_COUNTS);
    for (const key in value) {
      count(1);
      if (mayNameCronTool(key)) return true;
      open.push((value as Record<string, unknown>)[key]);
    }
  }
  return false;
}

/** False where nothing in a text can be the cron tool's name: plain letters, none of them written as an escape. */
const mayNameCronTool = (text: string): boolean => /[^\0-\x7f]|\\u|cron|automation/i.test(text);

/** Whether JSON may hold more values than are looked at: each but the first follows one of these. */
function isTooLarge(text: string): boolean {
  let values = 0;
  for (const _ of text.matchAll(/[[{,:]/g)) {
    values += 1;
    if (values > 4 * PARTS_MAX) return true;
  }
  return false;
}

function parseJson(text: string, unwrapped: number): unknown {
  if (isTooLarge(text)) throw new Error("too large to be judged");
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (unwrapped >= MAX_UNWRAP) throw new Error("nested too deeply");
  return parsed;
}

/** Own and inherited properties, hidden ones too, up to the prototypes that every object has. Raises when they are too many. */
export function propertiesOf(value: unknown): [string, unknown][] {
  if (typeof value !== "object" || value === null) return [];
  const properties: [string, unknown][] = [];
  const add = (key: string, inner: unknown): void => {
    if (properties.length >= PARTS_MAX) throw new Error("too large to be judged");
    properties.push([key, inner]);
  };
  if (value instanceof Map) for (const [key, inner] of value) add(String(key), inner);
  if (value instanceof Set) for (const inner of value) add("", inner);
  for (let at: object | null = value; at !== null && !isBuiltIn(at); at = Object.getPrototypeOf(at)) {
    if (holdsMoreThan(PARTS_MAX, at)) throw new Error("too large to be judged");
    for (const key of Reflect.ownKeys(at)) {
      if (Array.isArray(at) && key === "length") continue;
      add(typeof key === "string" ? key : (key.description ?? ""), Reflect.get(at, key, value));
    }
  }
  const { toJSON } = value as { toJSON?: unknown };
  if (typeof toJSON === "function" && !(value instanceof Date)) add("", toJSON.call(value));
  return properties;
}

/** Asked before the names are listed, which for many takes long. */
function holdsMoreThan(count: number, object: object): boolean {
  if (Array.isArray(object)) return object.length > count;
  let names = 0;
  for (const _ in object) {
    names += 1;
    if (names > count) return true;
  }
  return false;
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
