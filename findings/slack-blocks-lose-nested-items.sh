#!/usr/bin/env bash
# Markdown on its way to Slack. @tryfabric/mack 1.2.1 names lists as supported and drops what stands inside an item: the items of a nested list,
# the second paragraph, a block of code; and a character behind a backslash goes with the backslash, so that `5 \* 3` is "5  3" and
# `a\_b` is "ab". Its block of a list from 3 counts from 1. md-to-slack 1.0.0, which says that all basic syntax is supported, writes the
# nested items into the line of the outer one, and the second line of a quote outside of it. Neither raises anything.
# Met by reports of jobs and agents, which are lists in lists. slackify-markdown 4.5.0 keeps all of it.
# Command Cron sends what a command prints as it is and converts no Markdown itself (docs/delivery.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . @tryfabric/mack@1.2.1 md-to-slack@1.0.0 slackify-markdown@4.5.0
cat > show.mjs <<'JS'
import { createRequire } from "node:module";
import * as slackify from "slackify-markdown";
const require = createRequire(import.meta.url);
const { markdownToBlocks } = require("@tryfabric/mack");
const { markdownToSlack } = require("md-to-slack");
for (const text of ["- backup\n  - disk full\n- report", "- backup\n\n  took 3 h\n- report", "3. copy\n4. check", "5 \\* 3, a\\_b", "> first\n> second"]) {
  console.log("Markdown         ", JSON.stringify(text));
  console.log("mack             ", JSON.stringify((await markdownToBlocks(text)).map((block) => block.text.text).join("")));
  console.log("md-to-slack      ", JSON.stringify(markdownToSlack(text)));
  console.log("slackify-markdown", JSON.stringify((slackify.slackifyMarkdown ?? slackify.default)(text)));
}
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
Markdown          "- backup\n  - disk full\n- report"
mack              "• backup\n• report"
md-to-slack       "- backup- disk full\n- report"
slackify-markdown "•   backup\n    •   disk full\n•   report\n"
Markdown          "- backup\n\n  took 3 h\n- report"
mack              "• backup\n• report"
md-to-slack       "- backup\n\ntook 3 h\n- report"
slackify-markdown "•   backup\n\n    took 3 h\n•   report\n"
Markdown          "3. copy\n4. check"
mack              "1. copy\n2. check"
md-to-slack       "3. copy\n4. check"
slackify-markdown "3.  copy\n4.  check\n"
Markdown          "5 \\* 3, a\\_b"
mack              "5  3, ab"
md-to-slack       "5 * 3, a_b"
slackify-markdown "5 * 3, a_b\n"
Markdown          "> first\n> second"
mack              "> first\n> second"
md-to-slack       "> first\nsecond"
slackify-markdown "> first\n> second\n"
SEEN
