/** What stands in the place of a secret. */
const MASK_TEXT = Buffer.from("***");

interface Span {
  start: number;
  end: number;
}

const EMPTY = Buffer.alloc(0);

/** A shorter line of a value, or a shorter base64 text, would be found in output that has nothing to do with it. */
const PART_MIN = 6;

/**
 * The forms in which secret values are looked for, longest first: as given and without surrounding white space; both in a
 * URL, in a JSON text, and in base64, wherever in the encoded text they begin; and each line of one of several lines.
 */
export function maskPatterns(values: readonly string[]): Buffer[] {
  const whole = new Set(values.flatMap((value) => [value, value.trim()]).filter((text) => text.length > 0));
  const lines = [...whole]
    .filter((text) => /[\r\n]/.test(text))
    .flatMap((text) => text.split(/[\r\n]+/))
    .map((line) => line.trim())
    .filter((line) => line.length >= PART_MIN);
  const forms = new Set([...whole, ...[...whole].flatMap(encodings), ...lines]);
  return [...forms].map((form) => Buffer.from(form)).sort((a, b) => b.length - a.length);
}

function encodings(text: string): string[] {
  const uri = encodeURIComponent(text.toWellFormed());
  const json = JSON.stringify(text).slice(1, -1);
  return [
    uri,
    uri.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()),
    uri.replaceAll("%20", "+"),
    ...[json, ascii(json), ascii(json, true)].flatMap((form) => [form, form.replaceAll("/", "\\/")]),
    ...base64Forms(text),
  ];
}

/** A JSON text as many programs write it: what is not ASCII as `\u` with hex digits, small ones or capitals. */
const ascii = (json: string, capitals = false): string =>
  json.replace(/[^\x00-\x7f]/g, (unit) => {
    const hex = unit.charCodeAt(0).toString(16).padStart(4, "0");
    return `\\u${capitals ? hex.toUpperCase() : hex}`;
  });

/** What base64 makes of the bytes at each of the three places they may have among others: what only they decide. */
function base64Forms(text: string): string[] {
  const bytes = Buffer.from(text);
  const forms = [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]);
    const first = Math.ceil((before * 8) / 6);
    return whole.toString("base64").slice(first, Math.floor((whole.length * 8) / 6));
  });
  return forms
    .filter((form) => form.length >= PART_MIN)
    .flatMap((form) => [form, form.replaceAll("+", "-").replaceAll("/", "_")]);
}

/** Masks a whole text. */
export function maskText(text: string, patterns: readonly Buffer[]): string {
  if (patterns.length === 0) return text;
  const masker = createMasker(patterns);
  return Buffer.concat([masker.push(Buffer.from(text)), masker.flush()]).toString();
}

/**
 * Replaces secrets in a byte stream that arrives in pieces. Overlapping secrets are masked as one. At most the longest
 * secret less one byte is held back: the longest end of the data that could still become a secret.
 */
export function createMasker(patterns: readonly Buffer[]) {
  let held: Buffer = EMPTY;
  /** So many of the held bytes belong to a secret whose mask is already out. */
  let covered = 0;

  function take(data: Buffer, limit: number): Buffer {
    const parts: Buffer[] = [];
    let position = covered;
    for (const { start, end } of spansIn(data, patterns)) {
      if (start >= limit) break;
      if (start >= position) parts.push(data.subarray(position, start), MASK_TEXT);
      position = Math.max(position, end);
    }
    if (position < limit) parts.push(data.subarray(position, limit));
    covered = Math.max(0, position - limit);
    const only = parts[0];
    return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
  }

  return {
    /** Answers what is safe to keep now. May answer the very buffer it was given. */
    push(chunk: Buffer): Buffer {
      const data = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const limit = undecidedFrom(data, patterns);
      const safe = take(data, limit);
      held = limit === data.length ? EMPTY : Buffer.from(data.subarray(limit));
      return safe;
    },
    /** Answers what was held back. */
    flush(): Buffer {
      const safe = take(held, held.length);
      held = EMPTY;
      covered = 0;
      return safe;
    },
  };
}

/** Every occurrence of every pattern, overlapping ones too, by start. */
function spansIn(data: Buffer, patterns: readonly Buffer[]): Span[] {
  const spans: Span[] = [];
  for (const pattern of patterns) {
    for (let at = data.indexOf(pattern); at >= 0; at = data.indexOf(pattern, at + 1)) {
      spans.push({ start: at, end: at + pattern.length });
    }
  }
  return spans.sort((a, b) => a.start - b.start);
}

/** Where the longest end begins that is a true beginning of a pattern; the length when there is none. */
function undecidedFrom(data: Buffer, patterns: readonly Buffer[]): number {
  let from = data.length;
  for (const pattern of patterns) {
    const first = pattern[0] ?? 0;
    const earliest = Math.max(0, data.length - pattern.length + 1);
    for (let at = data.indexOf(first, earliest); at >= 0 && at < from; at = data.indexOf(first, at + 1)) {
      if (data.compare(pattern, 0, data.length - at, at) === 0) from = at;
    }
  }
  return from;
}
