import { resolve } from "node:path";
import { usage } from "../../flags/index.ts";
import type { CliIo } from "../../io.ts";

const UNIT = /\.(timer|service)$/;
/** Units of other kinds, which start nothing at a time. */
const OTHER_UNIT = /\.(socket|mount|automount|swap|target|path|slice|scope|device)$/;
const DROP_INS = /(^|\.)(timer|service)\.d$/;
/** Where enabled instances of templates are linked. */
const LINKS = /\.(wants|requires)$/;

/**
 * The timers and services of a directory with their drop-ins and enabled instances, by path; undefined when the path is no
 * directory. Raises USAGE for a file that belongs to no unit: such a directory is not one of units.
 */
export async function unitsIn(io: CliIo, path: string): Promise<Record<string, string> | undefined> {
  const names = io.listDirectory(path);
  if (names === undefined) return undefined;
  const stranger = names.find((name) => !UNIT.test(name) && !OTHER_UNIT.test(name));
  if (stranger !== undefined) {
    throw usage(
      `${path}/${stranger}`,
      "a directory of units; copy the timers and services into one of their own",
      "a file that is no unit",
    );
  }
  const files = names.filter((name) => UNIT.test(name));
  for (const folder of io.listFolders(path)) {
    const inside = DROP_INS.test(folder) ? /\.conf$/ : LINKS.test(folder) ? /@[^.]+\.timer$/ : undefined;
    if (inside === undefined) continue;
    const found = io.listDirectory(`${path}/${folder}`) ?? [];
    files.push(...found.filter((name) => inside.test(name)).map((name) => `${folder}/${name}`));
  }
  const units: Record<string, string> = {};
  for (const name of files) units[resolve(path, name)] = await io.readFile(`${path}/${name}`);
  return units;
}
