#!/usr/bin/env bash
# A list of tasks in Markdown as GitHub has it (`- [x] done`, `- [ ] open`): slackify-markdown 4.5.0 and telegramify-markdown 1.3.3 make
# bullets of both, without the mark, so that what failed and what was done look alike in Slack and Telegram. Both take such a list for
# what it is, which is why the mark is gone: where the Markdown is not GitHub's it would have stayed as text.
# Met by reports of a job with a check list, as agents write them, that are sent through one of them.
# Command Cron sends what a command prints as it is and converts no Markdown itself (docs/delivery.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . slackify-markdown@4.5.0 telegramify-markdown@1.3.3
cat > show.mjs <<'JS'
import { createRequire } from "node:module";
import * as slackify from "slackify-markdown";
const telegramify = createRequire(import.meta.url)("telegramify-markdown");
const text = "Nightly checks\n\n- [x] backup\n- [ ] restore test\n- plain";
for (const [name, convert] of [["slackify-markdown", slackify.slackifyMarkdown ?? slackify.default], ["telegramify-markdown", (text) => telegramify(text, "escape")]])
  console.log(name, JSON.stringify(convert(text)));
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
slackify-markdown "Nightly checks\n\n•   backup\n•   restore test\n•   plain\n"
telegramify-markdown "Nightly checks\n\n•   backup\n•   restore test\n•   plain\n"
SEEN
