import { ERROR_TABLE, type ErrorCode } from "./error-table.ts";
import { present } from "./present.ts";

interface ErrorFields {
  /** What was expected, as a phrase: "an http or https URL". */
  expected?: string;
  /** What came instead; shown as given, so never pass a secret. */
  got?: string;
  /** The field at fault, as a path: "payload.argv[0]". */
  field?: string;
  /** Ids and further facts for programs. */
  details?: Record<string, unknown>;
  cause?: unknown;
}

/** The one error class. `message` says what is wrong, what was expected, what came, and what to do. */
export class CommandCronError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly details: Record<string, unknown>;

  constructor(code: ErrorCode, fields: ErrorFields = {}) {
    const row = ERROR_TABLE[code];
    const where = fields.field === undefined ? "" : `${fields.field}: `;
    const expected = fields.expected === undefined ? "" : ` Expected ${fields.expected}.`;
    const got = fields.got === undefined ? "" : ` Got ${fields.got}.`;
    super(`${where}${row.says}.${expected}${got} ${row.action}.`, { cause: fields.cause });
    this.name = "CommandCronError";
    this.code = code;
    this.retryable = row.retryable ?? false;
    this.details = {
      ...present({ field: fields.field, expected: fields.expected, got: fields.got }),
      ...fields.details,
    };
  }
}

export type { ErrorCode };

/** A parameter that does not fit. `got` is shown as given, so never pass a secret. */
export const invalid = (field: string, expected: string, got?: string): CommandCronError =>
  new CommandCronError("INVALID_PARAMS", present({ field, expected, got }));

/** The text of anything thrown. */
export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A failure as it is put on record: its own code where it has one of ours, else `code`. */
export const failureOf = (error: unknown, code: ErrorCode): { code: ErrorCode; message: string } => ({
  code: error instanceof CommandCronError ? error.code : code,
  message: errorText(error),
});

/** The system's own code of a failed call (`ENOENT`, `EACCES`, `SQLITE_FULL`, …), when there is one. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : undefined;
}
