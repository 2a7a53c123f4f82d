#!/usr/bin/env bash
# In a stream of events one blank after `data:` belongs to the field, the next ones to the text (HTML standard, 9.2.6). fetch-event-stream
# 0.1.6 takes all of them: `data:  world`, as a program sends the piece " world", becomes "world", a YAML file loses its
# indentation, and what was meant to be put together word by word is one long word. It also hands on an event that has no data,
# which the standard leaves out, and drops one whose data is empty, which it does not. eventsource-parser 3.1.1 follows it.
# Met by whoever reads the output of a command or a model piece by piece.
# Every event that Command Cron sends to its page is one JSON object, which no blank at its beginning changes.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . fetch-event-stream@0.1.6 eventsource-parser@3.1.1
cat > show.mjs <<'JS'
import { createParser } from "eventsource-parser";
import { events } from "fetch-event-stream";
for (const text of ["data: Hello\n\ndata:  world\n\n", "data: jobs:\ndata:   - backup\n\n", "event: ping\n\ndata: x\n\n", "data\n\n"]) {
  const parsed = [], streamed = [];
  createParser({ onEvent: ({ data }) => parsed.push(data) }).feed(text);
  for await (const { data } of events(new Response(text))) streamed.push(data ?? "no data");
  for (const [name, seen] of [["eventsource-parser", parsed], ["fetch-event-stream", streamed]]) console.log(JSON.stringify(text), name, JSON.stringify(seen));
}
JS
node show.mjs | tee seen
diff seen - <<'SEEN'
"data: Hello\n\ndata:  world\n\n" eventsource-parser ["Hello"," world"]
"data: Hello\n\ndata:  world\n\n" fetch-event-stream ["Hello","world"]
"data: jobs:\ndata:   - backup\n\n" eventsource-parser ["jobs:\n  - backup"]
"data: jobs:\ndata:   - backup\n\n" fetch-event-stream ["jobs:\n- backup"]
"event: ping\n\ndata: x\n\n" eventsource-parser ["x"]
"event: ping\n\ndata: x\n\n" fetch-event-stream ["no data","x"]
"data\n\n" eventsource-parser [""]
"data\n\n" fetch-event-stream []
SEEN
