import type { Ledger } from "../../ledger/types.ts";

const META = "reports.taken";

/**
 * Files that stay in `pending` though their delivery has ended: it died, was dropped or is unknown. Known longer than the
 * ledger keeps such deliveries, so that the file is not taken for a new report then.
 */
export function createSettledFiles(ledger: Ledger) {
  const versions = new Map<string, string>(Object.entries(JSON.parse(ledger.getMeta(META) ?? "{}")));
  let isKept = true;
  return {
    get: (name: string) => versions.get(name),
    set(name: string, version: string): void {
      if (versions.get(name) === version) return;
      versions.set(name, version);
      isKept = false;
    },
    delete(name: string): void {
      if (versions.delete(name)) isKept = false;
    },
    names: () => versions.keys(),
    /** Writes what has changed. */
    keep(): void {
      if (isKept) return;
      ledger.setMeta(META, JSON.stringify(Object.fromEntries(versions)));
      isKept = true;
    },
  };
}
