import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { type InputOptions, type OutputOptions, type Plugin, type RenderedChunk, rolldown } from "rolldown";

const PROJECT_DIR = join(import.meta.dirname, "..");
const DIST_DIR = join(PROJECT_DIR, "dist");
/** The oldest Node of a supported gateway. */
const TARGET = "node22.19";

const inputOptions = {
  cwd: PROJECT_DIR,
  platform: "node",
  // The last two speed up a WebSocket where they happen to be installed.
  external: [/^openclaw(\/|$)/, /^node:/, "bufferutil", "utf-8-validate"],
  transform: { target: TARGET },
  plugins: [
    {
      // Nobody waits for TLS and compression on a plain connection, nor for subcommands that are programs of their own.
      name: "packages load what they need",
      transform(code, id) {
        const lazy = (name: string, load: string): string =>
          `const ${name} = new Proxy({}, { get: (_target, key) => ${load}[key] });`;
        if (/[\\/]node_modules[\\/]ws[\\/]/.test(id)) {
          return code.replaceAll(/^const (https|tls|zlib) = require\('\1'\);$/gm, (_line, name: string) =>
            lazy(name, `require('${name}')`),
          );
        }
        if (!/[\\/]node_modules[\\/]commander[\\/]/.test(id)) return undefined;
        return code.replace(/^import childProcess from 'node:child_process';$/m, () =>
          lazy("childProcess", "process.getBuiltinModule('node:child_process')"),
        );
      },
    },
  ],
  onLog(level, log) {
    if (level === "warn") throw new Error(`the bundler warns: ${log.message}`);
  },
} satisfies InputOptions;

const outputOptions = {
  dir: DIST_DIR,
  format: "esm",
  entryFileNames: "[name].js",
  chunkFileNames: "chunks/[name]-[hash].js",
  minify: false,
  comments: { legal: true, annotation: false, jsdoc: false },
} satisfies OutputOptions;

const NODE_IMPORT = /^import (?:(\w[\w$]*)|\{ ([^}]*) \}) from "(node:[\w/]+)";$/gm;
/** One character of it, and the whole file takes twice the memory and longer to read. */
const BEYOND_ASCII = /[\u0080-\uffff]/g;

/**
 * Modules of Node as its own code gets them. An import by their name reads every export of theirs, which for some loads half of
 * Node; a start that only asks the gateway takes a fifth longer for it. The entry of the command line tells an old Node that it is
 * too old, and may not use what that lacks.
 */
const withoutFacades = (alsoEntry: boolean) => ({
  name: "modules of Node without their facades",
  renderChunk(code: string, { isEntry }: RenderedChunk) {
    if (isEntry && !alsoEntry) return null;
    return code
      .replace(NODE_IMPORT, (_line, whole, some, name: string) => {
        const bound = whole ?? `{ ${String(some).replaceAll(" as ", ": ")} }`;
        return `const ${bound} = process.getBuiltinModule("${name}");`;
      })
      .replace(BEYOND_ASCII, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  },
});

/** What every start needs is not to bring the schemas along; errors are also told by a Node that is too old for the rest. */
const KERNEL_APART = {
  codeSplitting: {
    groups: [
      { name: "errors", test: /[\\/]src[\\/]kernel[\\/](error|present)/, priority: 1 },
      { name: "kernel", test: /[\\/]src[\\/]kernel[\\/]/ },
    ],
  },
};

/** Bundles one entry; answers the files of other packages that went into it. */
async function bundle(input: Record<string, string>, output: OutputOptions, plugins: Plugin[] = []): Promise<string[]> {
  const build = await rolldown({ ...inputOptions, plugins: [...inputOptions.plugins, ...plugins], input });
  try {
    const written = await build.write({ ...outputOptions, ...output });
    return written.output.flatMap((file) => (file.type === "chunk" ? Object.keys(file.modules) : []));
  } finally {
    await build.close();
  }
}

/** What a browser of these last years understands. */
const BROWSERS = ["chrome120", "firefox120", "safari17"];

/** What a view says comes after what all share, and what a small screen says comes last. */
const STYLES = [
  "node_modules/uplot/dist/uPlot.min.css",
  ...["base", "common", "glance", "timeline", "jobs", "rows", "output", "matters", "narrow"].map(
    (name) => `page/style/${name}.css`,
  ),
];

/**
 * The page twice: as one document that needs no other file, and as a module of the Control UI. Answers as `bundle`.
 */
export async function bundlePage(dir = DIST_DIR): Promise<string[]> {
  const part = (name: string): Promise<string> => readFile(join(PROJECT_DIR, name), "utf8");
  const style = (await Promise.all(STYLES.map(part))).join("");
  const { version } = JSON.parse(await part("package.json")) as { version: string };
  const frame = await bundleForBrowsers("page/main.tsx", "iife", {});
  const native = await bundleForBrowsers("page/native.tsx", "esm", {
    PAGE_STYLE: JSON.stringify(style),
    PAGE_VERSION: JSON.stringify(version),
  });
  // What would end the element, or begin a comment in it, is only ever in strings.
  const script = frame.code.replaceAll(/<(?=\/script|!--)/gi, "\\x3c");
  const html = (await part("page/template.html")).replaceAll(/__(STYLE|SCRIPT)__/g, (_all, name: string) =>
    name === "STYLE" ? style : script,
  );
  await mkdir(join(dir, "page"), { recursive: true });
  await writeFile(join(dir, "page", "index.html"), html);
  await mkdir(join(dir, "control-ui"), { recursive: true });
  await writeFile(join(dir, "control-ui", "index.js"), native.code);
  return [...frame.modules, ...native.modules];
}

async function bundleForBrowsers(input: string, format: "iife" | "esm", define: Record<string, string>) {
  const { onLog, cwd } = inputOptions;
  const build = await rolldown({ cwd, onLog, input, platform: "browser", transform: { target: BROWSERS, define } });
  const { output } = await build.generate({ format, minify: true }).finally(() => build.close());
  return { code: output[0].code, modules: Object.keys(output[0].modules) };
}

/** Packages by their directory, from the modules that were bundled. */
function packageDirs(modules: string[]): string[] {
  const marker = `${sep}node_modules${sep}`;
  const dirs = modules.flatMap((file) => {
    const at = file.lastIndexOf(marker);
    if (at === -1) return [];
    const parts = file.slice(at + marker.length).split(sep);
    const name = parts.slice(0, parts[0]?.startsWith("@") === true ? 2 : 1);
    return [file.slice(0, at + marker.length) + name.join(sep)];
  });
  return [...new Set(dirs)].sort();
}

/** What the licences of bundled packages ask for: name, version and text of each. */
async function notices(dirs: string[]): Promise<string> {
  const parts = await Promise.all(
    dirs.map(async (dir) => {
      const facts = JSON.parse(await readFile(join(dir, "package.json"), "utf8")) as Record<string, string>;
      const file = (await readdir(dir)).find((name) => /^licen[cs]e/i.test(name));
      const text = file === undefined ? `Licence: ${facts["license"]}` : await readFile(join(dir, file), "utf8");
      return `## ${facts["name"]} ${facts["version"]}\n\n${text.trim()}\n`;
    }),
  );
  return `# Third-party notices\n\nThe files in this directory contain code of these packages.\n\n${parts.join("\n")}`;
}

/**
 * The page, and three programs: the plugin, split so that registering loads next to nothing; the command line, split so that asking the
 * gateway does not load the ledger; the runner, one file that needs no other.
 */
export async function buildAll(): Promise<void> {
  await rm(DIST_DIR, { recursive: true, force: true });
  const modules = [
    await bundle({ index: "src/index.ts" }, KERNEL_APART),
    await bundle({ bin: "src/bin.ts" }, KERNEL_APART, [withoutFacades(false)]),
    await bundlePage(),
    await bundle({ runner: "src/runner/process/index.ts" }, { codeSplitting: false }, [withoutFacades(true)]),
  ].flat();
  await chmod(join(DIST_DIR, "bin.js"), 0o755);
  await writeFile(join(DIST_DIR, "THIRD_PARTY_NOTICES.md"), await notices(packageDirs(modules)));
}

if (import.meta.main) await buildAll();
