import { type ProcessTable, sendSignal } from "./table.ts";

/** For Windows, where other processes are known only by what `tree-windows` finds. */
export const noProcessTable: ProcessTable = {
  list: async () => [],
  since: () => [],
  entry: () => undefined,
  carries: () => false,
  commandOf: () => "",
  memoryOf: () => undefined,
  signal: sendSignal,
};
