#!/usr/bin/env bash
# apprise 1.2.0 sends one message to many services and turns it into what each of them takes. What a command printed stands in HTML as `<pre>`: for
# a service of plain text it becomes one line with single blanks. In Markdown it stands between fences: for a service of HTML, as mail
# is, the fences become a word of code in a paragraph, whose lines run together in every reader, and the items of a nested list
# those of the outer one. Plain text is kept. Nothing is raised.
# Met by jobs that mail and text their output by one call.
# Command Cron sends what a command prints as it is (docs/delivery.md).
# Needs Debian 12 or another system whose apt has this version, and its Python.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
apt-get download -qq -o APT::Sandbox::User=root apprise=1.2.0-1 python3-markdown python3-yaml python3-requests python3-requests-oauthlib python3-oauthlib \
  python3-charset-normalizer python3-chardet python3-urllib3 python3-idna python3-certifi python3-click python3-six
for deb in *.deb; do dpkg -x "$deb" root; done
cat > show.py <<'PY'
from apprise import NotifyFormat as Format
from apprise.conversion import convert_between
for source, target, text in (
    (Format.HTML, Format.TEXT, "<pre>disk   used\n/home   91%\n/tmp     3%</pre>"),
    (Format.MARKDOWN, Format.HTML, "```\ndisk   used\n/home   91%\n```"),
    (Format.MARKDOWN, Format.HTML, "- backup\n  - disk full\n- report"),
    (Format.TEXT, Format.HTML, "disk   used\n/home   91%"),
):
    print(f"{source} to {target} | {text!r} | {convert_between(source, target, text)!r}")
PY
PYTHONPATH=root/usr/lib/python3/dist-packages /usr/bin/python3 -W ignore show.py | tee seen
diff seen - <<'SEEN'
html to text | '<pre>disk   used\n/home   91%\n/tmp     3%</pre>' | 'disk used /home 91% /tmp 3%'
markdown to html | '```\ndisk   used\n/home   91%\n```' | '<p><code>disk   used\n/home   91%</code></p>'
markdown to html | '- backup\n  - disk full\n- report' | '<ul>\n<li>backup</li>\n<li>disk full</li>\n<li>report</li>\n</ul>'
text to html | 'disk   used\n/home   91%' | 'disk&nbsp;&nbsp;&nbsp;used<br/>/home&nbsp;&nbsp;&nbsp;91%'
SEEN
