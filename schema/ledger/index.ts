/** The migrations of the ledger, in order. */
import { migration0001 } from "./0001-first.ts";
import { migration0002 } from "./0002-second.ts";
import type { Migration } from "./migration.ts";

export type { Migration } from "./migration.ts";

/** Every step from an empty file to the present shape, in order. */
export const MIGRATIONS: readonly Migration[] = [migration0001, migration0002];

/** Marks a SQLite file as ours (`PRAGMA application_id`): "CCrn" in ASCII. */
export const APPLICATION_ID = 0x4343_726e;
