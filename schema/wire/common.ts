import {
  type SchemaOptions,
  type Static,
  type TLiteral,
  type TNull,
  type TObject,
  type TOptional,
  type TProperties,
  type TSchema,
  type TUnion,
  Type,
} from "@sinclair/typebox";

/** An object that refuses every field it does not name. */
export const closed = <T extends TProperties>(properties: T, description?: string): TObject<T> =>
  Type.Object(properties, { additionalProperties: false, ...(description === undefined ? {} : { description }) });

/** A field that may be absent, and what it means. */
export const optional = <T extends TSchema>(schema: T, description?: string): TOptional<T> =>
  Type.Optional(description === undefined ? schema : { description, ...schema }) as TOptional<T>;

/** A value, or null where there is none. */
export const nullable = <T extends TSchema>(schema: T): TUnion<[T, TNull]> => Type.Union([schema, Type.Null()]);

type Patch<T extends TProperties> = TObject<{ [K in keyof T]: TOptional<TUnion<[T[K], TNull]>> }>;

/** The fields of an object as a patch: absent keeps, null clears. */
export const patchOf = <T extends TProperties>({ properties }: TObject<T>): Patch<T> =>
  closed(
    Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, optional(nullable(schema))])),
  ) as unknown as Patch<T>;

export const NonBlank = Type.String({ minLength: 1, pattern: "\\S" });
export const NonEmpty = Type.String({ minLength: 1 });

/** Largest instant a JavaScript date can hold, milliseconds. */
export const MAX_DATE_MS = 8.64e15;
export const InstantMs = Type.Integer({ minimum: 0, maximum: MAX_DATE_MS });

/** The longest pause or limit, a leap year: what is longer was meant in another unit, and would never end. */
export const MAX_SECONDS = 31_622_400;
export const MAX_DURATION_MS = MAX_SECONDS * 1_000;
/** The largest size in bytes, 1 PiB. */
export const MAX_BYTES = 2 ** 50;
/** The largest number of things. */
export const MAX_COUNT = 1_000_000_000;

type NumberOptions = NonNullable<Parameters<typeof Type.Number>[0]>;

/** A pause or a limit in seconds. */
export const Seconds = (options: NumberOptions = {}) => Type.Number({ minimum: 0, maximum: MAX_SECONDS, ...options });
/** A size in bytes. */
export const Bytes = (options: NumberOptions = {}) => Type.Integer({ minimum: 1, maximum: MAX_BYTES, ...options });
/** How many of something. */
export const Count = (options: NumberOptions = {}) => Type.Integer({ minimum: 1, maximum: MAX_COUNT, ...options });
/** How many there are, none at the least. */
export const Whole = Type.Integer({ minimum: 0 });

/** A place in a list or a file. */
export const Offset = (options: NumberOptions = {}) =>
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, ...options });

/** One of a few words. */
export const oneOf = <const T extends readonly string[]>(
  words: T,
  options: SchemaOptions = {},
): TUnion<TLiteral<T[number]>[]> =>
  Type.Union(
    words.map((word) => Type.Literal(word)),
    options,
  );

/** A reference to a value kept by the gateway's secret store, in the gateway's own shape. */
export const SecretRef = closed({
  source: oneOf(["env", "file", "exec"]),
  provider: NonEmpty,
  id: NonEmpty,
});
export type SecretRef = Static<typeof SecretRef>;

/** Rows that a page may leave out. They are walked all the same; behind a cursor a page costs the same wherever it lies. */
export const OFFSET_MAX = 50_000;

export const PageParams = {
  limit: optional(Type.Integer({ minimum: 1, maximum: 200 }), "Rows a page, default 50."),
  offset: optional(Offset(), "Rows to leave out, at most 50,000; deeper pages are read by `cursor`."),
  cursor: optional(
    Type.String({ minLength: 1, maxLength: 2_000 }),
    "`nextCursor` of the page before, in the same order.",
  ),
};
