/** One deed on many jobs. */
export {
  actOnMany,
  addManyFlags,
  asPlanned,
  type Deed,
  inOrderOfRemoval,
  JOB_OR_FILTER,
  meansMany,
  type Planned,
} from "./many.ts";
