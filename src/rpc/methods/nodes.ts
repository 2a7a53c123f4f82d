import { NodesParams, NodesResult } from "../../../schema/wire/target.ts";
import { type Method, method } from "./method.ts";

export const nodeMethods: readonly Method[] = [
  method({
    name: "nodes",
    scope: "operator.read",
    says: "`{available, nodes}`: the paired nodes, whether each can be reached and serves, its tags, and how many runs it has.",
    params: NodesParams,
    result: NodesResult,
    run: (engine) => engine.nodes(),
  }),
];
