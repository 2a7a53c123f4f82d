#!/usr/bin/env bash
# cron-expression-validator 1.0.20, asked for the mistakes of a Quartz expression, puts those of all expressions it was asked about
# before in front of them: of `0 0 24 * * ?`, where the hour is wrong, it says first that the weekday is. The list is never emptied.
# Met by forms in which many people write schedules: one reads what another got wrong, and an expression has a mistake more each time.
# Command Cron's refusals are made of the expression at hand alone.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
npm install --silent --no-audit --no-fund --prefix . cron-expression-validator@1.0.20
npm ls --depth 0 | tail -n +2
cat > show.cjs <<'JS'
const { isValidCronExpression } = require("cron-expression-validator");
for (const expr of ["0 0 12 ? * 8", "0 0 12 ? * MON", "0 0 24 * * ?", "0 0 24 * * ?"]) {
  const verdict = isValidCronExpression(expr, { error: true });
  console.log(expr, verdict === true ? "valid" : `wrong, ${verdict.errorMessage.length} mistakes, the first: ${verdict.errorMessage[0]}`);
}
JS
node show.cjs | tee seen
diff seen - <<'SEEN'
0 0 12 ? * 8 wrong, 1 mistakes, the first: Day-of-Week values must be between 1 and 7
0 0 12 ? * MON valid
0 0 24 * * ? wrong, 2 mistakes, the first: Day-of-Week values must be between 1 and 7
0 0 24 * * ? wrong, 3 mistakes, the first: Day-of-Week values must be between 1 and 7
SEEN
