const PLAIN = /^[\w@%+=:,./-]+$/;

/** A text as one word of a POSIX shell, in quotes. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The same, in quotes only where it needs them. */
export const shellWord = (word: string): string => (PLAIN.test(word) ? word : quoted(word));

/** A command for reading, not for pasting: words that need it stand in JSON's quotes. */
export const argvText = (argv: readonly string[]): string =>
  argv.map((part) => (PLAIN.test(part) ? part : JSON.stringify(part))).join(" ");
