/** One deed on many jobs. */
export {
  actOnMany,
  addManyFlags,
  asPlanned,
  chained,
  JOB_OR_FILTER,
  meansMany,
} from "./many.ts";
