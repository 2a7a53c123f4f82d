/** The same fields; one that may be undefined is optional instead. */
type Present<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Leaves out fields that are undefined: in JSON, columns and exact optional properties what is unknown is not there. */
export function present<T extends object>(fields: T): Present<T> {
  const known: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) known[name] = value;
  // Safe to cast: only what the type makes optional is left out.
  return known as Present<T>;
}

/** Some fields of an object, in this order, as far as they are there. */
export function pick<T extends object, K extends keyof T>(from: T, ...names: K[]): Pick<T, K> {
  const picked: Partial<T> = {};
  for (const name of names) if (from[name] !== undefined) picked[name] = from[name];
  // Safe to cast: a field that must be there is there.
  return picked as Pick<T, K>;
}
