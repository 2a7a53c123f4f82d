import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/kernel/durations.ts";
import type { JobDefinition } from "../../../src/ledger/types.ts";

/** A job of the world and what it did in the last days. */
export interface PastJob {
  name: string;
  argv: string[];
  /** Every so often, or daily at `HH:MM` (UTC), or after the job of that name. */
  when: number | string | { after: string; afterMs: number };
  /** How long its runs take, one after the other. */
  tookMs: number[];
  prints: string;
  /** Exit codes of the newest runs, the newest first; all before them went well. */
  exits?: number[];
  /** What a run that fails prints last on stderr. */
  says?: string;
  /** The newest of them that did not run at all. */
  missed?: number;
  neverRan?: boolean;
  off?: boolean;
  rest?: Partial<JobDefinition>;
}

const min = (...minutes: number[]): number[] => minutes.map((n) => n * MINUTE_MS);
const sec = (...seconds: number[]): number[] => seconds.map((n) => n * SECOND_MS);

/** Those that a test or a picture names. */
const NAMED: readonly PastJob[] = [
  {
    name: "nightly backup",
    argv: ["backup.sh", "--all"],
    when: "03:00",
    tookMs: min(41, 44, 39),
    prints: "412 files, 8.1 GB",
    rest: {
      tags: ["nightly", "storage"],
      description: "Everything under /srv to the second site.",
      payload: { kind: "command", argv: ["backup.sh", "--all"], timeoutSeconds: 7_200 },
      policy: { expect: { okWithinSeconds: 93_600 }, retry: { maxAttempts: 3 } },
    },
  },
  {
    name: "check backup",
    argv: ["restic", "check", "--read-data-subset=2%"],
    when: { after: "nightly backup", afterMs: 45 * MINUTE_MS },
    tookMs: min(6, 7, 6),
    prints: "no errors were found",
    rest: { tags: ["nightly", "storage"] },
  },
  {
    name: "prune old snapshots",
    argv: ["restic", "forget", "--prune", "--keep-daily", "14"],
    when: { after: "check backup", afterMs: 52 * MINUTE_MS },
    tookMs: min(3, 2, 4),
    prints: "removed 2 snapshots, freed 1.4 GB",
    rest: { tags: ["nightly", "storage"] },
  },
  {
    name: "disk space",
    argv: ["df", "-h", "/"],
    when: 15 * MINUTE_MS,
    tookMs: [80, 95, 120, 84],
    prints: "/ 61% used",
    rest: { tags: ["watch"] },
  },
  {
    name: "export orders",
    argv: ["export-orders", "--since", "1h"],
    when: HOUR_MS,
    tookMs: sec(95, 102, 91, 140, 99),
    prints: "1,204 orders",
    exits: [3, 3, 0, 0, 0, 0, 3],
    says: "export-orders: cannot connect to db-2:5432: connection refused",
    rest: { tags: ["shop"] },
  },
  {
    name: "rotate certificates",
    argv: ["certbot", "renew"],
    when: "02:30",
    tookMs: sec(12),
    prints: "no renewal due",
    rest: { tags: ["nightly"] },
  },
  {
    name: "mail queue",
    argv: ["check-queue"],
    when: 2 * HOUR_MS,
    tookMs: [900, 1_100],
    prints: "queue: 3",
    missed: 3,
    rest: { tags: ["watch", "mail"] },
  },
];

/** What else such a machine does. */
const OTHERS: readonly PastJob[] = [
  {
    name: "replica lag",
    argv: ["check-replica", "db-2"],
    when: 30 * MINUTE_MS,
    tookMs: [240, 260, 251],
    prints: "lag 0.2 s",
    exits: Array(10).fill(1) as number[],
    says: "replica db-2 is 1,912 s behind",
    rest: { tags: ["watch", "database"] },
  },
  {
    name: "import supplier catalogue with a name that nobody would call short, from the ftp server of the wholesaler",
    argv: ["sh", "-c", "lftp -e 'mirror /out /srv/import; quit' ftp.example.org && import-catalogue /srv/import"],
    when: "04:15",
    tookMs: min(12, 14),
    prints: "38,112 articles, 214 new, 97 changed, 12 without a price",
    exits: [1],
    says: "lftp: Login failed: 530 Login incorrect.",
    rest: { tags: ["shop", "nightly", "suppliers"], description: "Articles and prices of the wholesaler." },
  },
  {
    name: "vacuum database",
    argv: ["vacuumdb", "--all", "--analyze"],
    when: "01:00",
    tookMs: min(22, 25, 31),
    prints: "vacuumed 14 databases",
    rest: { tags: ["nightly", "database"] },
  },
  {
    name: "dump database",
    argv: ["pg_dump", "-Fc", "-f", "/srv/dump/shop.dump", "shop"],
    when: { after: "vacuum database", afterMs: 32 * MINUTE_MS },
    tookMs: min(8, 8, 9),
    prints: "2.2 GB",
    rest: { tags: ["nightly", "database"] },
  },
  {
    name: "build search index",
    argv: ["build-index", "--lang", "de,en"],
    when: { after: "dump database", afterMs: 41 * MINUTE_MS },
    tookMs: min(17, 16, 64),
    prints: "1.1 million documents",
    rest: { tags: ["shop", "nightly"] },
  },
  {
    name: "warm cache",
    argv: ["warm-cache", "https://shop.example.org"],
    when: { after: "build search index", afterMs: 60 * MINUTE_MS },
    tookMs: min(4),
    prints: "812 pages",
    rest: { tags: ["shop"] },
  },
  {
    name: "old import",
    argv: ["true"],
    when: "05:00",
    tookMs: sec(3),
    prints: "done",
    off: true,
  },
  {
    name: "quarterly report",
    argv: ["report", "--quarter"],
    when: 30 * DAY_MS,
    tookMs: min(2),
    prints: "",
    neverRan: true,
    rest: { tags: ["office"] },
  },
  {
    name: "Bücher abgleichen (Лавка)",
    argv: ["sync-books"],
    when: 6 * HOUR_MS,
    tookMs: sec(40, 52),
    prints: "31 книг",
    rest: { tags: ["shop"] },
  },
];

const HOSTS = ["web-1", "web-2", "web-3", "web-4", "db-1", "db-2", "mail", "files", "edge-a", "edge-b"];
const CHECKS: readonly [word: string, when: number | string, tookMs: number[], prints: string][] = [
  ["patch level", "06:00", sec(20, 24), "0 packages to update"],
  ["load", 10 * MINUTE_MS, [40, 55, 48], "load 0.42"],
  ["log rotation", "00:10", sec(2, 3), "14 files rotated"],
  ["certificate", 12 * HOUR_MS, [310, 290], "valid for 61 days"],
];

/** About sixty jobs: of hosts the same four again and again, as it is in life. */
export const PAST: readonly PastJob[] = [
  ...NAMED,
  ...OTHERS,
  ...HOSTS.flatMap((host, index) =>
    CHECKS.map(
      ([word, when, tookMs, prints]): PastJob => ({
        name: `${host}: ${word}`,
        argv: word === "load" ? ["uptime"] : ["check-host", host, word],
        when,
        tookMs: tookMs.map((ms) => ms + 7 * index),
        prints,
        ...(host === "edge-b" && word === "patch level" ? { exits: [75], says: "edge-b: no route to host" } : {}),
        rest: { tags: ["hosts", host] },
      }),
    ),
  ),
];

/** Those that a test names alone. */
export const FEW = NAMED;
