import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { generatedFiles } from "../../scripts/schema-json.ts";

const PROJECT_DIR = join(import.meta.dirname, "..", "..");
const files = await generatedFiles();

describe("generated JSON follows the wire shapes; `npm run schema` writes it", () => {
  test.each([...files])("%s", async (path, text) => {
    expect(await readFile(join(PROJECT_DIR, path), "utf8")).toBe(text);
  });

  test("and holds no file that no shape stands for", async () => {
    const found = (await readdir(join(PROJECT_DIR, "schema", "json"))).map((name) => `schema/json/${name}`);
    expect(found.filter((path) => !files.has(path))).toEqual([]);
  });

  test("each is a schema that a strict validator takes", () => {
    const ajv = new Ajv({ strict: true, allowUnionTypes: true });
    for (const [path, text] of files) {
      if (!path.startsWith("schema/json/")) continue;
      expect(() => ajv.compile(JSON.parse(text)), path).not.toThrow();
    }
  });
});
