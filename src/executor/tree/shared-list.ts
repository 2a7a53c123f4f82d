import type { ProcessEntry, ProcessTable } from "./table.ts";

/** The same table, whose whole list is read once for all who ask before the reading began. */
export function sharingLists(table: ProcessTable): ProcessTable {
  let next: Promise<ProcessEntry[]> | undefined;
  let current: Promise<unknown> = Promise.resolve();
  return {
    ...table,
    list() {
      if (next === undefined) {
        const begin = (): Promise<ProcessEntry[]> => {
          next = undefined;
          return table.list();
        };
        next = current.then(begin, begin);
        current = next;
      }
      return next;
    },
  };
}
