/** The file drop: reports of producers that can only write files. */
export { createDropbox, type Dropbox } from "./dropbox.ts";
