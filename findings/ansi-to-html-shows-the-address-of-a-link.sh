#!/usr/bin/env bash
# Terminals have links and titles (OSC 8 and 0), and colours with colons (ISO 8613-6); ls, gcc and systemctl write such. ansi-to-html 0.7.2
# and anser 2.3.5 make HTML of what a program printed, and leave the insides of these standing in the text: the address twice, the title of
# the window, "38:2::255:0:0m"; a cursor moved to a line and a row leaves "40H" behind with the first. strip-ansi 7.2.0 knows all of them.
# Met by pages that show the output of a job or a build in colour.
# Command Cron's page shows output without its colours, and what is no text is taken out (docs/page.md).
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . ansi-to-html@0.7.2 anser@2.3.5 strip-ansi@7.2.0
cat > show.mjs <<'JS'
import anser from "anser";
import AnsiToHtml from "ansi-to-html";
import strip from "strip-ansi";
const esc = "\x1b";
for (const [name, text] of [
  ["colour", `${esc}[31mred${esc}[0m`], ["link", `${esc}]8;;http://host/log${esc}\\log${esc}]8;;${esc}\\`], ["title", `${esc}]0;build\x07done`],
  ["colour by colons", `${esc}[38:2::255:0:0mred${esc}[0m`], ["cursor", `${esc}[12;40Hdone`],
]) console.log(name, "| ansi-to-html", JSON.stringify(new AnsiToHtml().toHtml(text)), "| anser", JSON.stringify(anser.ansiToHtml(text)), "| strip-ansi", JSON.stringify(strip(text)));
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
colour | ansi-to-html "<span style=\"color:#A00\">red</span>" | anser "<span style=\"color:rgb(187, 0, 0)\">red</span>" | strip-ansi "red"
link | ansi-to-html "]8;;http://host/log\\log]8;;\\" | anser "\u001b]8;;http://host/log\u001b\\log\u001b]8;;\u001b\\" | strip-ansi "log"
title | ansi-to-html "]0;build\u0007done" | anser "\u001b]0;build\u0007done" | strip-ansi "done"
colour by colons | ansi-to-html ":2::255:0:0mred" | anser "38:2::255:0:0mred" | strip-ansi "red"
cursor | ansi-to-html "40Hdone" | anser "done" | strip-ansi "done"
SEEN
