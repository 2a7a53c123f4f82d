export const VIEWS = ["timeline", "jobs", "job", "runs", "messages", "attention"] as const;
export type View = (typeof VIEWS)[number];

export interface Address {
  view: View;
  /** Of `/job/<id>`. */
  id: string;
  query: Record<string, string>;
}

/** Reads `/jobs?q=backup`; what is not known is the timeline. */
export function addressOf(path: string): Address {
  const [place = "", search = ""] = path.split("?");
  const [, word = "", id = ""] = place.split("/");
  const view = VIEWS.find((known) => known === word && (known !== "job" || id !== "")) ?? "timeline";
  return { view, id: decode(id), query: Object.fromEntries(new URLSearchParams(search)) };
}

/** Writes it; empty parts are left out. */
export function pathOf(view: View, query: Record<string, string | undefined> = {}, id = ""): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => (entry[1] ?? "") !== "");
  const search = new URLSearchParams(given).toString();
  return `/${view}${id === "" ? "" : `/${encodeURIComponent(id)}`}${search === "" ? "" : `?${search}`}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
