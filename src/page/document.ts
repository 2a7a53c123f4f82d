import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { PageBoot } from "../../schema/wire/page.ts";

/** Where the template takes what is different each time. */
const BOOT = "__BOOT__";

export interface Document {
  html(boot: PageBoot): string;
  /** Only what lies in the document itself runs, and it may talk to the gateway alone. */
  policy: string;
}

/** The built page, read once. */
export async function loadDocument(file: string): Promise<Document> {
  const template = await readFile(file, "utf8");
  const [head, tail] = template.split(BOOT);
  if (head === undefined || tail === undefined) throw new Error(`${file} has no place for what the page starts with`);
  return {
    html: (boot) => `${head}${inScript(boot)}${tail}`,
    policy: [
      "default-src 'none'",
      `script-src ${hashes(template, "script")}`,
      `style-src ${hashes(template, "style")}`,
      "connect-src 'self'",
      "img-src data:",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'self'",
    ].join("; "),
  };
}

/** JSON that cannot end the element it stands in. */
const inScript = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c");

/** Of what is between the tags of each such element that the browser runs. */
function hashes(html: string, tag: "script" | "style"): string {
  const found = [...html.matchAll(new RegExp(`<${tag}([^>]*)>([\\s\\S]*?)</${tag}>`, "g"))]
    .filter(([, attributes = ""]) => !attributes.includes("application/json"))
    .map(([, , text = ""]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`);
  return found.length === 0 ? "'none'" : found.join(" ");
}
