import { type Static, Type } from "@sinclair/typebox";
import {
  Count,
  closed,
  InstantMs,
  MAX_DURATION_MS,
  NonBlank,
  NonEmpty,
  Offset,
  PageParams,
  Seconds,
} from "./common.ts";
import { DELIVERY_KINDS, DELIVERY_STATES, Destination } from "./delivery.ts";
import { JobFilterParams, JobInput, ManagedBy } from "./job.ts";
import { MAX_LOG_PAGE_BYTES } from "./page.ts";
import { RUN_STATUSES } from "./run.ts";
import { Schedule } from "./schedule.ts";

const words = <T extends readonly string[]>(list: T) => Type.Union(list.map((word) => Type.Literal(word as T[number])));

/** A job is named by `id`; `jobId` is the gateway's older spelling of the same. An exact name is accepted as well. */
const jobRef = { id: Type.Optional(NonEmpty), jobId: Type.Optional(NonEmpty) };
const Limit = { ...PageParams };
const SortDir = Type.Optional(words(["asc", "desc"] as const));
const IdempotencyKey = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 200,
    pattern: "\\S",
    description: "A repeat of the same request with the same key does nothing and answers as the first did; 7 days.",
  }),
);

export const NoParams = closed({});

export const GetParams = closed(jobRef);

const DryRun = Type.Optional(
  Type.Boolean({ description: "Answer as the call would, with `changes`; store and end nothing." }),
);

/** `cron.command.add` takes this beside the job's own fields. */
export const AddOptions = closed({ idempotencyKey: IdempotencyKey, dryRun: DryRun });
export const AddParams = closed({ ...JobInput.properties, ...AddOptions.properties });

/** `patch` is checked as a job patch. */
export const UpdateParams = closed({
  ...jobRef,
  patch: Type.Object({}, { description: "The fields to change." }),
  expectedConfigRevision: Type.Optional(
    Type.String({ minLength: 1, maxLength: 128, description: "Refuses the patch when the job was changed since." }),
  ),
  stop: Type.Optional(Type.Boolean({ description: "End a running run; default false: it finishes." })),
  dryRun: DryRun,
});

export const RemoveParams = closed({
  ...jobRef,
  cascade: Type.Optional(
    Type.Boolean({ description: "Disable the jobs that follow it; default false: with one that is on it is refused." }),
  ),
  stop: Type.Optional(Type.Boolean({ description: "End a running run; default false: it finishes." })),
  together: Type.Optional(
    Type.Array(NonEmpty, {
      maxItems: 100,
      description: "Ids of jobs that are removed next; a check may go before them.",
    }),
  ),
});

export const ListParams = closed({
  ...Limit,
  ...JobFilterParams,
  includeDisabled: Type.Optional(Type.Boolean()),
  enabled: Type.Optional(words(["all", "enabled", "disabled"] as const)),
  query: Type.Optional(
    Type.String({ maxLength: 1000, description: "Text in id, names, description, agent or command." }),
  ),
  scheduleKind: Type.Optional(words(["all", "at", "every", "cron", "after"] as const)),
  lastRunStatus: Type.Optional(words(["all", "ok", "error", "skipped", "unknown"] as const)),
  sortBy: Type.Optional(words(["nextRunAtMs", "updatedAtMs", "name"] as const)),
  sortDir: SortDir,
});

export const RunParams = closed({
  ...jobRef,
  mode: Type.Optional(words(["force", "if-enabled", "due"] as const)),
  alone: Type.Optional(Type.Boolean({ description: "Start none of the jobs that follow it; default false." })),
  idempotencyKey: IdempotencyKey,
});

const DELIVERY_STATUSES = ["delivered", "not-delivered", "unknown", "not-requested", "pending"] as const;

export const RunsParams = closed({
  ...jobRef,
  ...Limit,
  ...JobFilterParams,
  scope: Type.Optional(words(["job", "all"] as const)),
  allCron: Type.Optional(Type.Boolean({ description: "Those of the gateway's own jobs as well." })),
  runId: Type.Optional(NonEmpty),
  chain: Type.Optional(
    Type.String({ minLength: 1, description: "The passage of this run: the first run and all it caused, in order." }),
  ),
  status: Type.Optional(words(["all", "ok", "error", "skipped"] as const)),
  statuses: Type.Optional(Type.Array(words(["ok", "error", "skipped"] as const), { minItems: 1, maxItems: 3 })),
  runStatuses: Type.Optional(
    Type.Array(words(RUN_STATUSES), { minItems: 1, maxItems: RUN_STATUSES.length, description: "Our finer words." }),
  ),
  deliveryStatus: Type.Optional(words(DELIVERY_STATUSES)),
  deliveryStatuses: Type.Optional(Type.Array(words(DELIVERY_STATUSES), { minItems: 1, maxItems: 5 })),
  query: Type.Optional(Type.String({ maxLength: 1000, description: "Text in summary or error." })),
  sinceMs: Type.Optional(InstantMs),
  untilMs: Type.Optional(InstantMs),
  sortDir: SortDir,
});

/** One run by `runId`, a job's by `id`, or what a person typed. */
const runRef = {
  ...jobRef,
  runId: Type.Optional(NonEmpty),
  ref: Type.Optional(
    Type.String({
      minLength: 1,
      description: "A bare word: a whole run id, else a job (id, start of one, name), else the start of a run id.",
    }),
  ),
};

export const CancelParams = closed(runRef);

export const LogParams = closed({
  ...runRef,
  attempt: Type.Optional(Count({ description: "Default the newest." })),
  offset: Type.Optional(Offset({ description: "Bytes into the log, as `nextOffset` of the last page." })),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: MAX_LOG_PAGE_BYTES, description: "Bytes a page; default 256 KiB." }),
  ),
  tailBytes: Type.Optional(
    Type.Integer({ minimum: 1, maximum: MAX_LOG_PAGE_BYTES, description: "Start so many bytes before the end." }),
  ),
});

export const NextParams = closed({
  ...jobRef,
  schedule: Type.Optional(Schedule),
  count: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: "How many instants; default 10." })),
  afterMs: Type.Optional(InstantMs),
});

/** Jobs of a tree that are answered at most. */
export const MAX_TREE_JOBS = 1_000;

export const TreeParams = closed(jobRef);

/** A span is at most so many slots. */
export const MAX_TIMELINE_SLOTS = 2_000;

export const TimelineParams = closed({
  ids: Type.Array(NonEmpty, { minItems: 1, maxItems: 200, description: "Whole ids of jobs." }),
  sinceMs: InstantMs,
  untilMs: InstantMs,
  slotMs: Type.Optional(
    Type.Integer({
      minimum: 1_000,
      maximum: MAX_DURATION_MS,
      description: "Runs of a job and status that began within so long of time are one mark; default 300000.",
    }),
  ),
});

export const AlertsParams = closed({
  ...jobRef,
  ...Limit,
  openOnly: Type.Optional(Type.Boolean({ description: "Default true." })),
});

const AlertRef = {
  ref: Type.String({ minLength: 1, description: "An alert's id, or a job for all its open alerts." }),
};
export const AlertAckParams = closed(AlertRef);
export const AlertSnoozeParams = closed({
  ...AlertRef,
  untilMs: Type.Optional(InstantMs),
  forSeconds: Type.Optional(Seconds({ description: "Instead of `untilMs`." })),
});

export const DeliveriesParams = closed({
  ...jobRef,
  ...Limit,
  deliveryId: Type.Optional(NonEmpty),
  runId: Type.Optional(NonEmpty),
  destination: Type.Optional(
    Type.String({ minLength: 1, description: "A lane, as `cron.command.lanes` names it, or `@name`." }),
  ),
  state: Type.Optional(words([...DELIVERY_STATES, "open"] as const)),
  kind: Type.Optional(words(DELIVERY_KINDS)),
  sortDir: SortDir,
});

export const DeliveryRetryParams = closed({
  deliveryId: Type.Optional(NonEmpty),
  destination: Type.Optional(NonEmpty),
  all: Type.Optional(Type.Literal(true)),
});
export const DeliveryDropParams = closed({ deliveryId: NonEmpty });
export const DeliverySettleParams = closed({ deliveryId: NonEmpty, as: words(["sent", "resend"] as const) });
export const LanesParams = closed({
  all: Type.Optional(Type.Boolean({ description: "Also those for which nothing waits: of every job and setting." })),
});
export const LaneParams = closed({ destination: NonEmpty });

const ReportText = Type.String({ maxLength: 100_000 });
export const ReportParams = closed({
  team: NonBlank,
  worker: NonBlank,
  taskId: NonBlank,
  progress: ReportText,
  done: ReportText,
  next: ReportText,
  status: NonBlank,
  source: ReportText,
  to: Type.Optional(Destination),
  dryRun: Type.Optional(Type.Boolean({ description: "Answer with what would be sent first; write nothing." })),
});
export type ReportParams = Static<typeof ReportParams>;

export const ExportParams = closed({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, description: "Jobs a part, default 200." })),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 2_000, description: "`nextCursor` of the part before." }),
  ),
});

export const ImportParams = closed({
  file: Type.Unknown({ description: "The parsed `jobs` file, or the text of the others." }),
  format: Type.Optional(
    words(["jobs", "crontab", "system-crontab", "systemd", "ops-jobs", "openclaw-scheduler"] as const),
  ),
  apply: Type.Optional(Type.Boolean({ description: "Default false: answer with the plan only." })),
  enable: Type.Optional(
    Type.Boolean({
      description: "Switch on what comes from another system; default false. `jobs` files say it themselves.",
    }),
  ),
  instance: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: "For templates of systemd." })),
  only: Type.Optional(
    Type.Array(Type.String(), {
      description: "Places of the entries that are meant, as the plan has them in `at`; the others are left out.",
    }),
  ),
  origin: Type.Optional(
    closed(
      { hostname: Type.String({ minLength: 1 }), uid: Type.Integer({ minimum: 0, maximum: 4_294_967_295 }) },
      "Host and user that it comes from; refused when the gateway runs elsewhere or as somebody else.",
    ),
  ),
  managedBy: Type.Optional(ManagedBy),
  prune: Type.Optional(
    Type.Boolean({ description: "Remove jobs with this `managedBy` that the file does not name; `jobs` files only." }),
  ),
});

export const MoveParams = closed({
  ...jobRef,
  all: Type.Optional(Type.Literal(true)),
  apply: Type.Optional(Type.Boolean({ description: "Default false: answer with the plan only." })),
  force: Type.Optional(
    Type.Boolean({ description: "`release`: also jobs that the gateway cannot run as they run here." }),
  ),
});

export const BackupParams = closed({
  file: Type.Optional(Type.String({ minLength: 1, description: "Absolute path of a file that does not exist yet." })),
});

/** Which of everything that is scheduled here. */
export const SummaryParams = closed({
  limit: PageParams.limit,
  offset: PageParams.offset,
  source: Type.Optional(words(["all", "command", "gateway"] as const)),
  query: Type.Optional(Type.String({ maxLength: 1_000, description: "Text in id or name." })),
});

export type ListParams = Static<typeof ListParams>;
export type RunsParams = Static<typeof RunsParams>;
