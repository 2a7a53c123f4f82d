import { table } from "./error-row.ts";

/** About commands on paired nodes. */
export const NODE_ERRORS = table("engine", {
  NODES_UNAVAILABLE: {
    says: "this gateway does not let plugins reach nodes",
    action: "Leave `policy.target` out, or use a gateway of 2026.9.6 or later",
  },
  NODE_UNKNOWN: {
    says: "no paired node has this id or name",
    action: "List them with `openclaw command-cron nodes`; pair it with `openclaw nodes approve`",
    raisedBy: "runner",
  },
  NODE_AMBIGUOUS: {
    says: "several nodes have this name",
    action: "Use the id of one of them; `openclaw command-cron nodes --json` lists them",
    raisedBy: "runner",
  },
  NODE_TAG_UNKNOWN: {
    says: "the setting `nodes` gives no node this tag",
    action: "Give it to some with `nodes.<name>.tags` in this plugin's config",
  },
  NODE_OFFLINE: {
    says: "the node was not connected, and the command was not started",
    action: "See `openclaw command-cron nodes`; `policy.target.offline` says what is done then",
    raisedBy: "runner",
  },
  NODE_TWICE: {
    says: "the node has a run of this occurrence under another of its names",
    action: "Name it once in the setting `nodes`: by its id or by its name",
  },
  NODE_OUT_OF_REACH: {
    says: "the node of this run does not answer; it is told as soon as it does",
    action: "See `openclaw command-cron nodes`; `policy.target.lostAfterSeconds` says when the run is given up",
    raisedBy: "runner",
    retryable: true,
  },
  NODE_LOST: {
    says: "nobody will know how the run on the node ended",
    action: "Look at the node; if the run turns up there it is ended",
    raisedBy: "runner",
  },
  NODE_DENIED: {
    says: "the node does not let commands be started",
    action: "Change the node's own exec approvals or `tools.exec` there, or run the job elsewhere",
    raisedBy: "runner",
  },
});
