/** One deed on many jobs. */
export {
  actOnMany,
  addManyFlags,
  asPlanned,
  chained,
  type Deed,
  JOB_OR_FILTER,
  meansMany,
  type Planned,
} from "./many.ts";
