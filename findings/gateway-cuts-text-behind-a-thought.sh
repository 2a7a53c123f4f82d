#!/usr/bin/env bash
# OpenClaw 2026.9.6 takes a model's thinking out of what people see (`sanitizeAssistantVisibleText` of its plugin SDK, through which its channel
# for Telegram passes all that it sends). A word in angle brackets that is no model's is taken for one: of "usage: purge <thought> <file>" the
# usage is "purge"; what follows a bare `<think>` in a log is gone to the end, and `<final>5</final>` loses its marks. Between backticks
# or in a block of code it stays. Nothing tells the sender. `<host>` and `<b>` stay.
# Met by jobs that report on texts of agents, on XML, or on what a command takes.
# Command Cron sends what a command printed as a block of code, unless the job asks for text (docs/delivery.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . node@24.21.0
export PATH="$dir/node_modules/node/bin:$PATH"
npm install --silent --no-audit --no-fund --prefix . openclaw@2026.9.6
cat > show.mjs <<'JS'
import { sanitizeAssistantVisibleText as visible } from "openclaw/plugin-sdk/text-chunking";
for (const text of ["usage: purge <thought> <file>", "3 left\n<think> in a.xml\n2 failed", "in `<think>`, 2 failed", "<final>5</final> files", "ssh <host>"])
  console.log(JSON.stringify(text), "|", JSON.stringify(visible(text)));
process.exit();
JS
env -i HOME="$dir" PATH="$PATH" node show.mjs | tee seen
diff seen - <<'SEEN'
"usage: purge <thought> <file>" | "usage: purge"
"3 left\n<think> in a.xml\n2 failed" | "3 left"
"in `<think>`, 2 failed" | "in `<think>`, 2 failed"
"<final>5</final> files" | "5 files"
"ssh <host>" | "ssh <host>"
SEEN
