#!/usr/bin/env bash
# `15W` is the working day nearest the 15th, `LW` the last working day of the month. cronstrue 3.39.0 translates its English "weekday" by the word
# for a day of the week, whichever: "el día de la semana más próximo al 15" in Spanish, "no dia da semana mais próximo" in
# Portuguese, "på den veckodagen närmast dag 15" in Swedish, and `LW` is "el último día de la semana del mes". In Italian `15W` is any day and
# `LW` a working day. French, German, Dutch and Danish have the working day. `L-3` in Turkish is the days before the last day of three months.
# Met by people who read in their own language when their pay run is: what they read is the 15th, and the last of the month.
# Command Cron shows the expression and the next instants.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . cronstrue@3.39.0
cat > show.cjs <<'JS'
const cronstrue = require("cronstrue/i18n");
for (const locale of ["en", "es", "pt_BR", "sv", "it", "fr", "de"])
  for (const expr of ["0 9 15W * *", "0 9 LW * *"]) console.log(locale, expr, "|", cronstrue.toString(expr, { locale, use24HourTimeFormat: true }));
console.log("tr 0 9 L-3 * * |", cronstrue.toString("0 9 L-3 * *", { locale: "tr" }));
JS
node show.cjs | tee seen
diff seen - <<'SEEN'
en 0 9 15W * * | At 09:00, on the weekday nearest day 15 of the month
en 0 9 LW * * | At 09:00, on the last weekday of the month
es 0 9 15W * * | A las 09:00, en el día de la semana más próximo al 15 del mes
es 0 9 LW * * | A las 09:00, en el último día de la semana del mes
pt_BR 0 9 15W * * | Às 09:00, no dia da semana mais próximo do dia 15 do mês
pt_BR 0 9 LW * * | Às 09:00, no último dia da semana do mês
sv 0 9 15W * * | Kl 09:00, på den veckodagen närmast dag 15 av månaden
sv 0 9 LW * * | Kl 09:00, på sista veckodag av månaden
it 0 9 15W * * | Alle 09:00, il giorno della settimana più vicino al 15 del mese
it 0 9 LW * * | Alle 09:00, l'ultimo giorno feriale del mese
fr 0 9 15W * * | À 09:00, le jour ouvrable le plus proche du 15 du mois
fr 0 9 LW * * | À 09:00, le dernier jour ouvrable du mois
de 0 9 15W * * | Um 09:00, am Werktag am nächsten zum 15 Tag des Monats
de 0 9 LW * * | Um 09:00, am letzten Werktag des Monats
tr 0 9 L-3 * * | Saat 09:00, 3 ayın son gününden önceki günler
SEEN
