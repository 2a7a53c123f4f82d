/** Jobs as code: files of jobs, planned and applied. */
export { toYaml } from "./job-files.ts";
export { plan } from "./plan.ts";
