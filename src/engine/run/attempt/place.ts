import { MINIMAL_ENV } from "../../../executor/index.ts";
import type { CommandSpec } from "../../../executor/types.ts";
import { present } from "../../../kernel/present.ts";
import type { JobDefinition, RunRecord } from "../../../ledger/types.ts";
import type { Place } from "../../../runner/port.ts";
import type { EngineDeps } from "../../deps.ts";
import { nodesFor, targetRules } from "../../jobs/index.ts";

/** A run is on record as given to this host after all; no node has an empty id. */
export const HERE = { id: "", name: "" };

/**
 * A spec for wherever its job is to run: for nodes without what is this host's own, its environment and its directories,
 * which a node puts its own for.
 */
export function placed(
  { config }: Pick<EngineDeps, "config">,
  spec: CommandSpec,
  { policy, payload }: JobDefinition,
  run: Pick<RunRecord, "node">,
): [spec: CommandSpec, place?: Place] {
  const target = policy?.target;
  if (target === undefined) return [spec];
  const own = { ...payload.env, ...policy?.env?.secrets };
  const env = Object.entries(spec.env).filter(([name]) => Object.hasOwn(own, name) || !MINIMAL_ENV.includes(name));
  const { cwd: _cwd, verify, ...rest } = spec;
  const { cwd: verifyCwd } = policy?.verify ?? {};
  const away = {
    ...rest,
    env: Object.fromEntries(env),
    ...present({ cwd: payload.cwd }),
    ...(verify === undefined ? {} : { verify: { ...omitCwd(verify), ...present({ cwd: verifyCwd }) } }),
  };
  const here = present({ cwd: spec.cwd, env: spec.env, verify });
  return [away, { nodes: nodesFor(target, run.node, config.nodes), ...targetRules(target), here }];
}

const omitCwd = ({ cwd: _cwd, ...verify }: NonNullable<CommandSpec["verify"]>) => verify;
