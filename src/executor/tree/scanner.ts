import type { ProcessEntry, ProcessTable } from "./table.ts";

/** Shares one reading of the whole process list among everybody who asked before it began. */
export interface Scanner {
  scan(): Promise<ProcessEntry[]>;
}

export function createScanner(table: ProcessTable): Scanner {
  let next: Promise<ProcessEntry[]> | undefined;
  let current: Promise<unknown> = Promise.resolve();
  return {
    scan() {
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
