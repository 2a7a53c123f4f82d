import { listeners } from "./gateway.ts";

/** Where in the page one is: `/timeline`, `/job/<id>`, … */
export interface Route {
  path(): string;
  go(path: string): void;
  onChange(fn: (path: string) => void): () => void;
  /** Calls back before `go` goes, and not when the browser goes back. */
  onGo(fn: (path: string) => void): () => void;
}

/** In a document of its own: the part of the address after `#`. */
export function hashRoute(): Route {
  const path = (): string => location.hash.replace(/^#/, "") || "/";
  const goes = listeners<string>();
  return {
    path,
    onGo: goes.add,
    go(to) {
      goes.tell(to);
      location.hash = to;
    },
    onChange(fn) {
      const changed = (): void => fn(path());
      addEventListener("hashchange", changed);
      return () => removeEventListener("hashchange", changed);
    },
  };
}

const KEPT = "command-cron.at";
type Kept = Pick<Storage, "getItem" | "setItem">;

/** What the browser keeps for this tab; nothing where it is told to keep nothing. */
function ofTab(): Kept {
  try {
    return sessionStorage;
  } catch {
    return { getItem: () => null, setItem: () => {} };
  }
}

/** Within a page of the Control UI, whose address is not ours: where one is outlives a reload of its tab. */
export function innerRoute(kept: Kept = ofTab()): Route {
  let at = kept.getItem(KEPT) ?? "/";
  const changes = listeners<string>();
  const goes = listeners<string>();
  return {
    path: () => at,
    onGo: goes.add,
    go(to) {
      goes.tell(to);
      at = to;
      kept.setItem(KEPT, to);
      changes.tell(to);
    },
    onChange: changes.add,
  };
}
