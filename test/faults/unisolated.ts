/**
 * Loaded into a host before anything else: takes the product's isolation out of it, for the control that the oracle can
 * fail. What one of a batch throws, it throws for all of them, and a row that cannot be read is not set aside.
 */
import { registerHooks } from "node:module";

/** By file: what isolates, and what stands there instead. */
const CHANGES: Record<string, readonly [isolates: string, instead: string]> = {
  "/src/ledger/apart.ts": ["return failed(error);", "throw error;"],
  "/src/ledger/rows.ts": ["return { unreadable: problem };", "throw new Error(problem);"],
};

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    const change = Object.entries(CHANGES).find(([file]) => url.endsWith(file))?.[1];
    if (change === undefined) return loaded;
    const source = String(loaded.source);
    if (!source.includes(change[0])) throw new Error(`${url} isolates in another way: the control needs a new one`);
    return { ...loaded, source: source.replace(...change) };
  },
});
