import { basename, delimiter, dirname } from "node:path";

interface NpmCommand {
  program: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  shell: boolean;
}

/** How to run npm under this Node: the npm that runs us, else the one on PATH. */
export function npmCommand(args: string[]): NpmCommand {
  const env = { ...ownEnv(), PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}` };
  const cli = process.env["npm_execpath"];
  if (cli !== undefined && basename(cli) === "npm-cli.js") {
    return { program: process.execPath, args: [cli, ...args], env, shell: false };
  }
  return { program: "npm", args, env, shell: process.platform === "win32" };
}

/** The environment without what `npm run` says about this project: it would be taken for settings of another one. */
function ownEnv(): NodeJS.ProcessEnv {
  const about = /^npm_(config_local_prefix|package_|lifecycle_|command$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !about.test(name)));
}
