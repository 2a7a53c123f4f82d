/** Bytes of a log in one answer. A longer log is read page by page. */
export const MAX_LOG_PAGE_BYTES = 1_048_576;
