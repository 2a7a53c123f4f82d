import { useEffect, useRef, useState } from "preact/hooks";
import { addressOf, pathOf, type View } from "../logic/address.ts";
import { jobFilterOf } from "../logic/filter.ts";
import { useMatters } from "./matters.ts";
import { useAddress, useNow, usePage } from "./page.ts";
import { useStore } from "./store.ts";

/** What every view of many jobs stands on: the jobs and their lanes as they are now, and what the address asks for. */
export function useJobList(view: View) {
  const { jobs, lanes, route } = usePage();
  const { query } = useAddress();
  const now = useNow(15_000);
  const { all, known, problem } = useStore(jobs);
  useStore(lanes);
  const { signs } = useMatters();
  const [text, setText] = useState(query["q"] ?? "");
  const asked = query["q"] ?? "";
  const written = useRef(asked);
  // What is searched for is a part of the address as soon as one has typed it.
  useEffect(() => {
    const timer = setTimeout(() => {
      // One may be elsewhere by now.
      if (text === asked || addressOf(route.path()).view !== view) return;
      written.current = text;
      route.go(pathOf(view, { ...query, q: text }));
    }, 400);
    return () => clearTimeout(timer);
  }, [text]);
  // And the other way round, where the address was changed otherwise.
  useEffect(() => {
    if (asked === written.current) return;
    written.current = asked;
    setText(asked);
  }, [asked]);
  return { lanes, signs, route, query, now, all, known, problem, text, setText, filter: jobFilterOf(query["state"]) };
}
