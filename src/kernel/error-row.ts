/** One error: what it says and what to do. */
interface ErrorRow {
  /** What is wrong, without a final stop. */
  says: string;
  /** What to do about it, without a final stop. */
  action: string;
  /** Who raises it, for the reference page. */
  raisedBy: string;
  /** True when the same call may succeed later without a change. */
  retryable?: boolean;
}

/** Rows of errors by their codes. */
export const table = <T extends Record<string, ErrorRow>>(rows: T): { [K in keyof T]: ErrorRow } => rows;
