import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { ERROR_TABLE } from "../src/kernel/error-table.ts";

/** Writes docs/errors.md from the table of codes: `npm run errors`. */
const rows = Object.entries(ERROR_TABLE).map(
  ([code, row]) =>
    `| \`${code}\` | ${row.says} | ${row.action} | ${row.raisedBy}${row.retryable ? ", may succeed later" : ""} |`,
);
const page = `# Errors

Every refusal carries one of these codes. Over RPC it stands in \`error.details.code\`, next to \`field\`, \`expected\`
and \`got\` where they apply; the CLI prints the message on stderr and exits with 1 (2 for a command line that cannot be
read). A refused call changes nothing; one that is answered with \`CHANGE_UNCONFIRMED\` is done all the same.

A message is built from the same parts each time: *field*: what is wrong. Expected … Got … What to do.

| code | what is wrong | what to do | raised by |
|---|---|---|---|
${rows.join("\n")}
`;
writeFileSync(resolve(import.meta.dirname, "../docs/errors.md"), page);
