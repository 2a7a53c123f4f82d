import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { npmPack } from "../../scripts/pack.ts";

const ID = "bench-empty";
const ENTRY = `export default { id: "${ID}", name: "Empty", register(api) {
  api.registerService({ id: "${ID}", start() {}, stop() {} });
} };
`;

/** A plugin that does nothing, packed: what the gateway itself takes to load any plugin from outside. */
export async function packEmptyPlugin(dir: string): Promise<string> {
  const source = join(dir, ID);
  await mkdir(source, { recursive: true });
  const files = {
    "package.json": {
      name: ID,
      version: "0.0.0",
      type: "module",
      openclaw: { extensions: ["./index.js"], compat: { pluginApi: ">=2026.6.1" } },
    },
    "openclaw.plugin.json": {
      id: ID,
      name: "Empty",
      activation: { onStartup: true },
      configSchema: { type: "object", properties: {}, additionalProperties: false },
    },
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(source, name), JSON.stringify(content));
  await writeFile(join(source, "index.js"), ENTRY);
  return npmPack(source, dir).file;
}
