import { PROGRESS_LEVELS } from "../../../schema/limits.ts";
import type { Progress } from "../../../schema/wire/progress.ts";
import { orUndefined } from "../../kernel/or-undefined.ts";
import { present } from "../../kernel/present.ts";

/** What a command says in one word about how far it is. */
export type Said = Pick<Progress, "done" | "total" | "percent" | "key" | "message" | "level" | "next">;

const MESSAGE_CHARS = 500;
const NEXT_CHARS = 200;
const KEY_CHARS = 100;
const NUMBER_MAX = 1e15;

const COUNT = /^(\d{1,15}(?:\.\d{1,6})?)\s*\/\s*(\d{1,15}(?:\.\d{1,6})?)(?:\s+(.*))?$/s;
const SHARE = /^(\d{1,3}(?:\.\d{1,6})?)\s*%(?:\s+(.*))?$/s;
/** Terminal sequences, and every other character that is not seen. */
const UNSEEN =
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Understands `3/6 text`, `43% text`, plain text, and one JSON object with `done, total, percent, key, message, level, next`.
 * Fields of another type are left out; undefined when nothing is left.
 */
export function parseProgress(text: string, clean: (text: string) => string): Said | undefined {
  const shown = (value: unknown, chars: number): string | undefined => {
    if (typeof value !== "string") return undefined;
    // Masked as it was said, and again without what is not seen: that may have stood within a secret.
    const line = clean(clean(value).replace(UNSEEN, " ").replace(/\s+/g, " ").trim());
    if (line === "") return undefined;
    return line.length > chars ? `${line.slice(0, chars - 1).toWellFormed()}…` : line.toWellFormed();
  };
  const said = fieldsOf(text.trim());
  const { done, total } = said;
  const counted = isAmount(done) && isAmount(total) && total > 0;
  const percent = isAmount(said.percent) ? said.percent : counted ? (done / total) * 100 : undefined;
  const given: Said = present({
    done: isAmount(done) ? done : undefined,
    total: isAmount(total) ? total : undefined,
    percent: percent && Math.min(100, Math.round(percent * 100) / 100),
    key: shown(keyOf(said.key), KEY_CHARS),
    message: shown(said.message, MESSAGE_CHARS),
    level: PROGRESS_LEVELS.find((word) => word === said.level),
    next: shown(said.next, NEXT_CHARS),
  });
  return Object.keys(given).length === 0 ? undefined : given;
}

const isAmount = (value: unknown): value is number => typeof value === "number" && value >= 0 && value <= NUMBER_MAX;

const keyOf = (value: unknown): unknown => (typeof value === "number" ? String(value) : value);

function fieldsOf(text: string): { [name in keyof Said]?: unknown } {
  const object = text.startsWith("{") ? orUndefined(() => JSON.parse(text) as Record<string, unknown>) : undefined;
  if (object !== undefined) return object;
  const [counted, done, total, of] = COUNT.exec(text) ?? [];
  if (counted !== undefined && Number(total) > 0) return { done: Number(done), total: Number(total), message: of };
  const [share, percent, then] = SHARE.exec(text) ?? [];
  return share === undefined ? { message: text } : { percent: Number(percent), message: then };
}

/** What has to change for a command to have moved. */
export const placeOf = ({ key, done, total, percent, message }: Said): string =>
  key !== undefined
    ? `key ${key}`
    : percent !== undefined || done !== undefined
      ? `at ${done ?? ""}/${total ?? ""} ${percent ?? ""}`
      : `said ${message ?? ""}`;
