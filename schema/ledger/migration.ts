/** One step of the ledger's shape. Runs in a transaction of its own, after a copy of the file was made. */
export interface Migration {
  version: number;
  sql: string;
}
