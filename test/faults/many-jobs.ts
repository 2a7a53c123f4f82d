/**
 * `npm run test:faults -- --jobs 10000 [--seed 7]`: so many random valid jobs through `cron.command.add` of a real gateway, then
 * the gateway's own `cron.list` in every order and size of page must show each of them once. Not part of `npm test`.
 */

import { anyJob } from "../helpers/any-job.ts";
import fc from "../helpers/fc.ts";
import { type PluginGateway, startPluginGateway } from "../helpers/plugin-gateway.ts";
import { routed } from "../helpers/routing.ts";
import { tableLine } from "./seeded.ts";

const AT_ONCE = 8;
const WIDTHS = [44, 6, 7, 8, 9, 8];
const DAY_MS = 86_400_000;

type Asked = Record<string, unknown>;
interface Page {
  jobs: { id: string }[];
  nextOffset: number | null;
  /** Another one when the list has changed. */
  snapshotRevision?: string;
}
/** The gateway runs jobs of its own now and then; by offset, a list that changes meanwhile repeats a row and loses one. */
const READINGS_MAX = 5;

const ORDERS: Asked[] = ["nextRunAtMs", "updatedAtMs", "name"].flatMap((sortBy) =>
  ["asc", "desc"].map((sortDir) => ({ sortBy, sortDir, limit: 200 })),
);
export const PAGINGS: Asked[] = [
  ...ORDERS,
  { limit: 200, compact: true },
  { limit: 50, includeDeliveryPreviews: false },
  ...[199, 50, 7, 1].map((limit) => ({ limit })),
];

/**
 * Nothing is to run meanwhile: what is due soon or often is off. With a key of its own each is a job of its own; the same
 * key twice would be one job and its change.
 */
function quiet(job: Asked, number: number): Asked {
  const { kind, everyMs } = job["schedule"] as { kind: string; everyMs?: number };
  const { declarationKey: key } = job;
  const own = typeof key === "string" && key.trim() !== "" ? { declarationKey: `${key}${number}` } : {};
  const enabled = kind === "at" || (kind === "every" && Number(everyMs) > DAY_MS);
  return { ...job, ...own, enabled, delivery: { mode: "none" } };
}

/** The id of a stored job: with a declaration key it is a part of the answer. */
const idOf = (answer: { id?: string; job?: { id: string } }): string => {
  const id = answer.job?.id ?? answer.id;
  if (id === undefined) throw new Error(`a job without an id: ${JSON.stringify(answer)}`);
  return id;
};

/** Adds until there are so many; what the validator refuses is no valid job. Answers their ids. */
async function addJobs(world: PluginGateway, count: number, seed: number): Promise<Set<string>> {
  const ids = new Set<string>();
  let refused = 0;
  let number = 0;
  const codes = new Map<string, number>();
  for (let round = 0; ids.size < count; round += 1) {
    const wanted = Math.min(1_000, count - ids.size);
    const inputs = fc
      .sample(anyJob, { seed: seed + round, numRuns: wanted })
      .map((job) => quiet(job as Asked, number++));
    const worker = async (): Promise<void> => {
      for (let input = inputs.pop(); input !== undefined; input = inputs.pop()) {
        try {
          ids.add(idOf(await world.add(input)));
        } catch (error) {
          refused += 1;
          const code = String((error as { details?: { code?: string } }).details?.code ?? error);
          codes.set(code, (codes.get(code) ?? 0) + 1);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }
  console.log(`${ids.size} jobs added; ${refused} inputs were refused: ${JSON.stringify(Object.fromEntries(codes))}`);
  return ids;
}

/** Reads all pages, anew if the list changed meanwhile. Answers how many jobs were not shown, shown twice, and what went wrong. */
export async function readAll(world: PluginGateway, asked: Asked, ids: Set<string>): Promise<number> {
  for (let reading = 1; ; reading += 1) {
    const { bad, changed } = await readOnce(world, asked, ids);
    if (bad === 0 || !changed || reading === READINGS_MAX) return bad;
    console.log("  the list has changed while it was read; once more");
  }
}

async function readOnce(
  world: PluginGateway,
  asked: Asked,
  ids: Set<string>,
): Promise<{ bad: number; changed: boolean }> {
  const revisions = new Set<string | undefined>();
  const seen = new Map<string, number>();
  const beganMs = performance.now();
  let pages = 0;
  let trouble: unknown;
  try {
    for (let offset: number | null = 0; offset !== null; pages += 1) {
      const params = { includeDisabled: true, ...asked, offset };
      const page: Page = await world.client().call<Page>("cron.list", params);
      revisions.add(page.snapshotRevision);
      for (const { id } of page.jobs) seen.set(id, (seen.get(id) ?? 0) + 1);
      offset = page.nextOffset;
    }
  } catch (error) {
    trouble = error;
  }
  const missing = [...ids].filter((id) => !seen.has(id)).length;
  const repeated = [...seen.values()].filter((times) => times > 1).length;
  const seconds = ((performance.now() - beganMs) / 1_000).toFixed(1);
  console.log(
    tableLine(JSON.stringify(asked).replaceAll('"', ""), [pages, seen.size, missing, repeated, seconds], WIDTHS),
  );
  if (trouble !== undefined) console.log(`  ${String(trouble)}`);
  return { bad: missing + repeated + (trouble === undefined ? 0 : 1), changed: revisions.size > 1 };
}

/** Answers the number of findings. */
export async function judgeLists(count: number, seed: number): Promise<number> {
  const world = await startPluginGateway({ version: "2026.9.6" });
  return judgeListsOf(world, count, seed).finally(() => world.close());
}

export async function judgeListsOf(world: PluginGateway, count: number, seed: number): Promise<number> {
  console.log(`seed ${seed}, ${count} jobs`);
  await routed(world.client);
  const ids = await addJobs(world, count, seed);
  console.log(tableLine("cron.list", ["pages", "jobs", "missing", "repeated", "seconds"], WIDTHS));
  let bad = 0;
  for (const asked of PAGINGS) bad += await readAll(world, asked, ids);
  return bad;
}
