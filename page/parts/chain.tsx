import type { TreeResult } from "../../schema/wire/calls/jobs.ts";
import { useMatters } from "../data/matters.ts";
import { useRead } from "../data/page.ts";
import { afterText } from "../logic/schedule.ts";
import { standOf } from "../logic/states.ts";
import { To } from "./common.tsx";
import { Mark } from "./mark.tsx";

/** The chain a job stands in, from its first job down. */
export function Chain({ id }: { id: string }) {
  const { value } = useRead<TreeResult>("tree", { id }, ["jobs", "runs"]);
  const { signs } = useMatters();
  if (value === undefined || value.jobs.length < 2) return null;
  const names = new Map(value.jobs.map(({ jobId, name }) => [jobId, name ?? jobId.slice(0, 8)]));
  return (
    <section>
      <h3>Chain</h3>
      <ul class="plain">
        {value.jobs.map(({ jobId, name, level, parentId, enabled = false, ...state }) => {
          const stand = standOf({ enabled, state }, signs.get(jobId));
          return (
            <li key={`${parentId} ${jobId}`} style={{ paddingLeft: `${level * 22}px` }}>
              <Mark {...stand} />{" "}
              {jobId === id ? (
                <strong>{name}</strong>
              ) : name === undefined ? (
                <span class="quiet">{jobId.slice(0, 8)}, which is gone</span>
              ) : (
                <To view="job" id={jobId}>
                  {name}
                </To>
              )}{" "}
              <span class="quiet">
                {stand.word}
                {parentId === undefined ? "" : `, runs ${afterText(state, names.get(parentId) ?? "")}`}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
