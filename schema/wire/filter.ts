import { type Static, Type } from "@sinclair/typebox";
import { closed, NonBlank } from "./common.ts";
import { Tag } from "./job.ts";

const Yes = (description: string) => Type.Optional(Type.Literal(true, { description }));

/** Which jobs are meant: those that fit all that is given. */
export const JobFilterParams = {
  tags: Type.Optional(Type.Array(Tag, { minItems: 1, maxItems: 20, description: "Jobs with all of these tags." })),
  failing: Yes("Jobs that failed since they last succeeded."),
  slow: Yes("Jobs that take longer of late than they used to."),
  flaky: Yes("Jobs that succeeded only after a retry of late."),
  neverRan: Yes("Jobs without a run that ended."),
  command: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1_000, description: "Jobs with this text in an argument of the command." }),
  ),
  to: Type.Optional(
    Type.String({ ...NonBlank, maxLength: 1_000, description: "Jobs whose results go to this target." }),
  ),
  owner: Type.Optional(
    Type.String({ ...NonBlank, maxLength: 200, description: "Jobs of this agent, or of files with this label." }),
  ),
};

const Filter = closed(JobFilterParams);
export type JobFilterParams = Static<typeof Filter>;
