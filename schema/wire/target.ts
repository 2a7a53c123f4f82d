import { type Static, Type } from "@sinclair/typebox";
import { closed, InstantMs, NonBlank, NonEmpty, oneOf, Seconds } from "./common.ts";

export const DEFAULT_TARGET = { offline: "wait", lostAfterSeconds: 3_600 } as const;

const Rules = {
  offline: Type.Optional(
    oneOf(["wait", "skip", "elsewhere"], {
      description:
        "Where it is not connected when the run is due: wait for it, skip the run, or run here, on the gateway's host. Default wait.",
    }),
  ),
  lostAfterSeconds: Type.Optional(
    Seconds({
      minimum: 1,
      description: "A run whose node is out of reach for so long is lost; one that waits is skipped. Default 3600.",
    }),
  ),
};

export const NodeTag = Type.String({ pattern: "^[a-z][a-z0-9_-]{0,63}$" });

/** Where a command runs, when not on the gateway's host. */
export const Target = Type.Union(
  [
    closed({ node: Type.String({ ...NonBlank, description: "A paired node, by its id or name." }), ...Rules }),
    closed({
      tag: Type.Intersect([NodeTag], { description: "Nodes that the setting `nodes` gives this tag." }),
      mode: oneOf(["any", "all"], {
        description: "any: one connected node, the one with the fewest runs. all: a run of each occurrence on each.",
      }),
      ...Rules,
    }),
  ],
  {
    description:
      "A paired node of the gateway, or those with a tag; without it the command runs on the gateway's host.",
  },
);
export type Target = Static<typeof Target>;

/** `nodes` of the config: tags and limits by a node's id or name. */
export const NodeSettings = Type.Record(
  NonEmpty,
  closed({
    tags: Type.Optional(Type.Array(NodeTag, { maxItems: 50 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: "Runs at a time; default 8." })),
  }),
  { description: "Tags and limits of paired nodes, by id or name." },
);
export type NodeSettings = Static<typeof NodeSettings>;

/** A node, as a run names it. */
export const NodeRef = Type.Object({ id: NonEmpty, name: Type.String() });
export type NodeRef = Static<typeof NodeRef>;

export const NodesParams = closed({});

export const NodesResult = Type.Object({
  available: Type.Boolean({ description: "Whether this gateway lets plugins reach nodes." }),
  nodes: Type.Array(
    Type.Object({
      id: NonEmpty,
      name: Type.String(),
      tags: Type.Array(Type.String()),
      limit: Type.Integer({ minimum: 1 }),
      connected: Type.Boolean(),
      serves: Type.Boolean({
        description: "Whether it offers to run commands: this plugin is installed and approved there.",
      }),
      notServing: Type.Optional(
        Type.String({ description: "Why it does not although it is connected, and what to do." }),
      ),
      running: Type.Integer({ minimum: 0, description: "Runs that it has, or is about to get." }),
      lastSeenAtMs: Type.Optional(InstantMs),
      outOfReachSinceMs: Type.Optional(InstantMs),
      version: Type.Optional(Type.String({ description: "Of this plugin there; known once it has answered." })),
      clockDifferenceMs: Type.Optional(
        Type.Integer({ description: "Its clock less this one; known once it has answered." }),
      ),
    }),
  ),
});
export type NodesResult = Static<typeof NodesResult>;
