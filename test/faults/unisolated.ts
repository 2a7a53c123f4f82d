/**
 * Loaded into a host before anything else: takes the product's isolation out of it, for the control that the oracle can
 * fail. Batches are no longer taken apart, and a row that cannot be read is no longer set aside: what one of them throws,
 * it throws for all of them.
 */
import { registerHooks } from "node:module";

const WITHOUT = `
  export const apart = (ledger, work) => ledger.transaction(work);
  export const eachApart = (ledger, items, work) => ledger.transaction(() => items.map((item) => work(item)));
`;
const SET_ASIDE = "return { unreadable: problem };";

registerHooks({
  load(url, context, next) {
    if (url.endsWith("/src/ledger/apart.ts")) return { format: "module", source: WITHOUT, shortCircuit: true };
    const loaded = next(url, context);
    if (!url.endsWith("/src/ledger/rows.ts")) return loaded;
    const source = String(loaded.source);
    if (!source.includes(SET_ASIDE))
      throw new Error("the isolation of rows looks different: the control needs another way in");
    return { ...loaded, source: source.replace(SET_ASIDE, "throw new Error(problem);") };
  },
});
