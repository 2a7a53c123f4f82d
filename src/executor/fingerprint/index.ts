/** What exactly a command line would run: one hash of its words and of the files that they name. */
export { changedAfterApproval, fingerprint } from "./fingerprint.ts";
