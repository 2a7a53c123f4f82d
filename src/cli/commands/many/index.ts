/** One deed on many jobs. */
export {
  actOnMany,
  addManyFlags,
  type Deed,
  inOrderOfRemoval,
  JOB_OR_FILTER,
  meansMany,
  type Planned,
} from "./many.ts";
