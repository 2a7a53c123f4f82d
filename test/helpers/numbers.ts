/**
 * Walks through a wire shape: where its numbers are, and the smallest value that fits it and holds a given number. A
 * field that is added tomorrow is found by itself.
 */

/** As much of JSON Schema as the wire shapes use. */
export interface Shape {
  type?: string;
  const?: unknown;
  anyOf?: Shape[];
  properties?: Record<string, Shape>;
  required?: string[];
  patternProperties?: Record<string, Shape>;
  items?: Shape;
  minItems?: number;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  pattern?: string;
}

/** One step down: a property, an item of a list, a value of a map, or a branch of a union. */
type Step = { key: string } | { item: true } | { value: string } | { branch: number };

export interface NumberField {
  /** As an error would name it, list places left out: `policy.backoff.seconds`. */
  name: string;
  steps: Step[];
  shape: Shape;
}

export function numbersIn(shape: Shape, steps: Step[] = []): NumberField[] {
  if (shape.type === "integer" || shape.type === "number") return [{ name: nameOf(steps), steps, shape }];
  const below: [Step, Shape][] = [
    ...Object.entries(shape.properties ?? {}).map(([key, inner]): [Step, Shape] => [{ key }, inner]),
    ...(shape.anyOf ?? []).map((inner, branch): [Step, Shape] => [{ branch }, inner]),
    ...Object.values(shape.patternProperties ?? {}).map((inner): [Step, Shape] => [{ value: "x" }, inner]),
    ...(shape.items === undefined ? [] : [[{ item: true }, shape.items] as [Step, Shape]]),
  ];
  return below.flatMap(([step, inner]) => numbersIn(inner, [...steps, step]));
}

const nameOf = (steps: Step[]): string =>
  steps.flatMap((step) => ("key" in step ? [step.key] : "value" in step ? [step.value] : [])).join(".");

/** Words that mean something to a schedule or a receiver, by the field they stand in. */
const WORDS: Record<string, unknown> = {
  at: "2099-01-01T00:00:00Z",
  expr: "* * * * *",
  tz: "UTC",
  argv: ["false"],
  start: "08:00",
  end: "09:00",
  url: "https://hooks.example.net/beat",
};

/** The smallest value that fits the shape. */
function smallest(shape: Shape, key = ""): unknown {
  if (key in WORDS) return WORDS[key];
  if ("const" in shape) return shape.const;
  if (shape.anyOf !== undefined) return smallest(shape.anyOf[0] as Shape, key);
  switch (shape.type) {
    case "object":
      return Object.fromEntries(
        (shape.required ?? []).map((name) => [name, smallest(shape.properties?.[name] as Shape, name)]),
      );
    case "array":
      return Array.from({ length: shape.minItems ?? 0 }, () => smallest(shape.items as Shape));
    case "integer":
    case "number":
      return shape.minimum ?? 0;
    case "boolean":
      return false;
    case "null":
      return null;
    default:
      return "x";
  }
}

/** The smallest value that fits the shape and has this number at that place. */
export function holding(shape: Shape, steps: Step[], number: number, key = ""): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return number;
  if ("branch" in step) return holding(shape.anyOf?.[step.branch] as Shape, rest, number, key);
  if ("item" in step) return [holding(shape.items as Shape, rest, number)];
  if ("value" in step)
    return { [step.value]: holding(Object.values(shape.patternProperties ?? {})[0] as Shape, rest, number) };
  const base = smallest(shape) as Record<string, unknown>;
  return { ...base, [step.key]: holding(shape.properties?.[step.key] as Shape, rest, number, step.key) };
}

/** The edges of what a field takes, and what no field should choke on. */
export function edgesOf({ minimum, maximum }: Shape): number[] {
  const ends = [minimum, maximum].flatMap((end) => (end === undefined ? [] : [end, end - 1, end + 1]));
  return [...new Set([0, 1, ...ends, 2 ** 53, 1e308, -1e308, Number.NaN, Number.POSITIVE_INFINITY])];
}
