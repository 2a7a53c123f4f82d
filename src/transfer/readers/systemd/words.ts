import { NotCarried } from "../../candidate.ts";

const ESCAPES: Record<string, string> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  s: " ",
  "\\": "\\",
  '"': '"',
  "'": "'",
};

/** A word of a command line and whether any part of it was quoted. */
export interface Word {
  text: string;
  quoted: boolean;
}

/** Words by systemd's rules: blanks part them, either quote keeps them together, C escapes are read in and out of quotes. */
export function splitWords(line: string): Word[] {
  const words: Word[] = [];
  let word: Word | undefined;
  let quote = "";
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (char === "\\") {
      const escaped = readEscape(line.slice(at + 1));
      word = { text: (word?.text ?? "") + escaped.text, quoted: word?.quoted ?? escaped.text === ";" };
      at += escaped.length;
    } else if (quote !== "") {
      if (char === quote) quote = "";
      else word = { text: (word?.text ?? "") + char, quoted: true };
    } else if (char === '"' || char === "'") {
      quote = char;
      word = { text: word?.text ?? "", quoted: true };
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = { text: (word?.text ?? "") + char, quoted: word?.quoted ?? false };
  }
  if (quote !== "") throw new NotCarried(`a quote is not closed in \`${line}\``);
  return word === undefined ? words : [...words, word];
}

/** What follows a backslash: the text it stands for and how many characters it took. */
function readEscape(rest: string): { text: string; length: number } {
  const first = rest.charAt(0);
  const simple = ESCAPES[first];
  if (simple !== undefined) return { text: simple, length: 1 };
  const code = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/.exec(rest);
  if (code !== null) {
    const [all, hex, short, long, octal] = code;
    const point = octal === undefined ? Number.parseInt(hex ?? short ?? long ?? "", 16) : Number.parseInt(octal, 8);
    if (point > 0x10ffff || point === 0) throw new NotCarried(`\`\\${all}\` names no character`);
    return { text: String.fromCodePoint(point), length: all.length };
  }
  // `;` alone would part two commands. Anything else keeps its backslash.
  return first === ";" ? { text: ";", length: 1 } : { text: `\\${first}`, length: first.length };
}
