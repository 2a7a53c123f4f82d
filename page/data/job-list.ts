import { useState } from "preact/hooks";
import { jobFilterOf } from "../logic/filter.ts";
import { useAddress, useNow, usePage } from "./page.ts";
import { useStore } from "./store.ts";

/** What every view of many jobs stands on: the jobs and their lanes as they are now, and what the address asks for. */
export function useJobList() {
  const { jobs, lanes, route } = usePage();
  const { query } = useAddress();
  const now = useNow(15_000);
  const { all, known, problem } = useStore(jobs);
  useStore(lanes);
  const [text, setText] = useState(query["q"] ?? "");
  return { lanes, route, query, now, all, known, problem, text, setText, filter: jobFilterOf(query["state"]) };
}
