import type { Ledger } from "../../ledger/types.ts";

/** A move under way: which way, and whether the job was enabled where it came from. */
export interface Marker {
  move: "adopt" | "release";
  enabled: boolean;
}

const META_KEY = "moves";

/** Moves under way, kept in the ledger so that a crash in the middle of one is found at the next start. */
export interface Markers {
  all(): [string, Marker][];
  set(id: string, marker: Marker): void;
  clear(id: string): void;
}

export function createMarkers(ledger: Ledger): Markers {
  const read = (): Record<string, Marker> => JSON.parse(ledger.getMeta(META_KEY) ?? "{}") as Record<string, Marker>;
  const write = (change: (markers: Record<string, Marker>) => void): void =>
    ledger.transaction(() => {
      const markers = read();
      change(markers);
      ledger.setMeta(META_KEY, JSON.stringify(markers));
    });
  return {
    all: () => Object.entries(read()),
    set: (id, marker) =>
      write((markers) => {
        markers[id] = marker;
      }),
    clear: (id) =>
      write((markers) => {
        delete markers[id];
      }),
  };
}
