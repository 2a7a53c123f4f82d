#!/usr/bin/env bash
# turndown 7.2.5 makes Markdown of HTML. What a program prints stands in HTML as `<pre>`, which keeps lines and blanks as they are; turndown takes
# that for code only when a `<code>` is the first thing inside, and otherwise for a paragraph, whose lines run together wherever the
# Markdown is shown: a table of sizes is one line. A first line that begins with four blanks becomes code by itself. Nothing is raised, and
# the README has no word about `<pre>`. markdown-it 15.0.3 shows the result as any CommonMark does.
# Met by whoever sends a mail or a page with a job's output on to a chat by it.
# Command Cron sends what a command prints as it is (docs/delivery.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . turndown@7.2.5 markdown-it@15.0.3
cat > show.mjs <<'JS'
import markdownIt from "markdown-it";
import Turndown from "turndown";
for (const html of ["<pre><code>disk  used\n/     91%</code></pre>", "<pre>disk  used\n/     91%</pre>", "<pre>    4 files\ndone</pre>"]) {
  const markdown = new Turndown({ codeBlockStyle: "fenced" }).turndown(html);
  console.log(JSON.stringify(html), "|", JSON.stringify(markdown), "|", JSON.stringify(markdownIt().render(markdown)));
}
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
"<pre><code>disk  used\n/     91%</code></pre>" | "```\ndisk  used\n/     91%\n```" | "<pre><code>disk  used\n/     91%\n</code></pre>\n"
"<pre>disk  used\n/     91%</pre>" | "disk  used\n/     91%" | "<p>disk  used\n/     91%</p>\n"
"<pre>    4 files\ndone</pre>" | "    4 files\ndone" | "<pre><code>4 files\n</code></pre>\n<p>done</p>\n"
SEEN
