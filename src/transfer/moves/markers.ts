import type { Ledger } from "../../ledger/types.ts";

/** A move under way: which way, and whether the job was enabled where it came from. */
export interface Marker {
  move: "adopt" | "release";
  enabled: boolean;
}

const META_KEY = "moves";

export type Markers = ReturnType<typeof createMarkers>;

/** Moves under way, kept in the ledger so that a crash in the middle of one is found at the next start. */
export function createMarkers(ledger: Ledger) {
  const read = (): Record<string, Marker> => JSON.parse(ledger.getMeta(META_KEY) ?? "{}") as Record<string, Marker>;
  const write = (markers: Record<string, Marker>): void =>
    ledger.transaction(() => ledger.setMeta(META_KEY, JSON.stringify(markers)));
  return {
    all: (): [string, Marker][] => Object.entries(read()),
    set: (id: string, marker: Marker): void => write({ ...read(), [id]: marker }),
    clear(id: string): void {
      const { [id]: _gone, ...others } = read();
      write(others);
    },
  };
}
