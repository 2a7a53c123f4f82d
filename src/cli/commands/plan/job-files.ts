import { usage } from "../../flags/index.ts";
import type { CliIo } from "../../io.ts";

const JOB_FILE = /\.(ya?ml|json)$/i;

/**
 * The jobs in a YAML or JSON file, or in all such files of a directory, in the order of their names; files of other kinds
 * are named in `ignored`. A file holds a list of jobs, one job, or an export. Raises USAGE with file and line.
 */
export async function jobsIn(io: CliIo, path: string): Promise<{ jobs: unknown[]; ignored: string[] }> {
  const names = io.listDirectory(path);
  const files =
    names === undefined ? [path] : names.filter((name) => JOB_FILE.test(name)).map((name) => `${path}/${name}`);
  const jobs: unknown[] = [];
  for (const file of files) jobs.push(...(await readJobs(file, await io.readFile(file))));
  return { jobs, ignored: names?.filter((name) => !JOB_FILE.test(name)) ?? [] };
}

/** YAML takes in JSON. Aliases are counted: a file must not grow when it is read. */
async function readJobs(file: string, text: string): Promise<unknown[]> {
  const { parseDocument } = await import("yaml");
  const document = parseDocument(text, { prettyErrors: true });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw usage(file, "YAML or JSON", problem.message.split("\n")[0]);
  let content: unknown;
  try {
    content = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw usage(file, "YAML or JSON", (error as Error).message);
  }
  if (Array.isArray(content)) return content;
  if (typeof content !== "object" || content === null)
    throw usage(file, "jobs", content === null ? "nothing" : "a text");
  const { version, jobs } = content as { version?: unknown; jobs?: unknown };
  if (jobs === undefined) return [content];
  if (version !== undefined && version !== 1)
    throw usage(`${file}: version`, "1: this program is older than the file", JSON.stringify(version));
  if (!Array.isArray(jobs)) throw usage(`${file}: jobs`, "a list of jobs");
  return jobs;
}

/** Jobs as a YAML file that `plan` and `apply` take. */
export async function toYaml(jobs: unknown[]): Promise<string> {
  const { stringify } = await import("yaml");
  return stringify({ version: 1, jobs }, { lineWidth: 100 });
}

/** A YAML file in one layout, its comments kept. Raises USAGE with the line. */
export async function formatted(file: string, text: string): Promise<string> {
  const { parseDocument } = await import("yaml");
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem !== undefined) throw usage(file, "YAML", problem.message.split("\n")[0]);
  if (document.contents === null) throw usage(file, "jobs", "nothing");
  return document.toString({ lineWidth: 100, indentSeq: true });
}
