import { isRecord } from "../../kernel/record.ts";
import { maskLikelySecrets } from "./alert-text.ts";

const HIDDEN = "[redacted]";
/** Fields whose values are nobody's business, whatever they look like. */
const SECRET_NAME = /secret|token|passw|pwd|api[-_]?key|credential|authorization|private[-_]?key/i;
/** Of these the names are shown and the values are not. */
const VALUES_HIDDEN = ["env", "headers"];
/** What commands got and printed. */
const CONTENT = ["input", "stdin", "stdout", "stderr", "summary", "text", "content", "lastLine", "lastDeliveredText"];
/** What a command said of how far it is, or of something else: numbers stay. */
const SAID = ["progress", "condition"];
const LONG_WORD = /(?<![\w-])(?!(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})(?![\w-]))[A-Za-z0-9_+=-]{32,}/g;
const URLS = /\b([a-z][a-z0-9+.-]{0,63}):\/\/(?:[^\s/@"']*@)?([^\s/?#"']+)[^\s"']*/gi;
const SECRET_FLAG = /^--?[\w-]*(?:secret|token|passw|pwd|api[-_]?key|credential|auth)[\w-]*$/i;
const SECRET_VALUE =
  /((?:^|[\s;&|])(?=[\w-]*(?:secret|token|passw|pwd|api[-_]?key|credential))[\w-]+(?:\s*[=:]\s*|\s+))("[^"]*"|'[^']*'|[^\s;&|]+)/gi;
const USER = /((?:^|\s)(?:-u|--user)[\s=]+)("[^"]*"|'[^']*'|\S+)/g;

/** A text without what may be a secret: of addresses the host is left. Rather too little is left than too much. */
function redactText(text: string): string {
  const known = text.replace(URLS, "$1://$2/…").replace(SECRET_VALUE, `$1${HIDDEN}`).replace(USER, `$1${HIDDEN}`);
  return maskLikelySecrets(known).replace(LONG_WORD, HIDDEN);
}

/** Words of a command: what follows a flag that names a secret is hidden as well. */
const redactWords = (words: readonly string[]): string[] =>
  words.map((word, index) => {
    const before = words[index - 1] ?? "";
    return SECRET_FLAG.test(before) || /^(?:-u|--user)$/.test(before) ? HIDDEN : redactText(word);
  });

const sizeOf = (text: string): string => `[${Buffer.byteLength(text)} bytes]`;

/** The same shape with the size of each text in its place. */
function withoutTexts(value: unknown): unknown {
  if (typeof value === "string") return sizeOf(value);
  if (Array.isArray(value)) return value.map(withoutTexts);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutTexts(inner)]));
}

/**
 * A copy fit to be shown to strangers: no secret, no value of a variable, and, unless `withContent`, nothing that commands
 * got or printed. What is a secret is told by its name or its looks, so that more is hidden than must be.
 */
export function redacted(value: unknown, { withContent = false } = {}): unknown {
  if (typeof value === "string") return redactText(value);
  if (Array.isArray(value)) {
    const words = value.every((each) => typeof each === "string");
    return words ? redactWords(value as string[]) : value.map((each) => redacted(each, { withContent }));
  }
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      if (VALUES_HIDDEN.includes(name) && isRecord(inner)) {
        return [name, Object.fromEntries(Object.keys(inner).map((key) => [key, HIDDEN]))];
      }
      if (SAID.includes(name) && !withContent && isRecord(inner)) return [name, withoutTexts(inner)];
      if (CONTENT.includes(name) && !withContent && typeof inner === "string") return [name, sizeOf(inner)];
      if (SECRET_NAME.test(name) && !["number", "boolean"].includes(typeof inner)) return [name, HIDDEN];
      return [name, redacted(inner, { withContent })];
    }),
  );
}
