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

type WrittenRow = Omit<ErrorRow, "raisedBy"> & Partial<ErrorRow>;

/** Rows of errors by their codes; `raisedBy` is who raises those that do not say it. */
export const table = <T extends Record<string, WrittenRow>>(raisedBy: string, rows: T) =>
  Object.fromEntries(Object.entries(rows).map(([code, row]) => [code, { raisedBy, ...row }])) as Record<
    keyof T,
    ErrorRow
  >;
