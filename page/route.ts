import { listeners } from "./gateway.ts";

/** Where in the page one is: `/timeline`, `/job/<id>`, … */
export interface Route {
  path(): string;
  go(path: string): void;
  onChange(fn: (path: string) => void): () => void;
}

/** In a document of its own: the part of the address after `#`. */
export function hashRoute(): Route {
  const path = (): string => location.hash.replace(/^#/, "") || "/";
  return {
    path,
    go(to) {
      location.hash = to;
    },
    onChange(fn) {
      const changed = (): void => fn(path());
      addEventListener("hashchange", changed);
      return () => removeEventListener("hashchange", changed);
    },
  };
}

/** Within a page of the Control UI, whose address is not ours. */
export function innerRoute(): Route {
  let at = "/";
  const changes = listeners<string>();
  return {
    path: () => at,
    go(to) {
      at = to;
      changes.tell(to);
    },
    onChange: changes.add,
  };
}
