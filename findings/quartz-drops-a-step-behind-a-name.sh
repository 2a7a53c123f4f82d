#!/usr/bin/env bash
# Quartz 2.3.2 itself, whose manual has SUN-SAT and 1-7 as the same values of a weekday: `2/2` is Monday, Wednesday, Friday, `MON/2` Mondays alone,
# the step behind a name is passed over. Of `MON,WED#1` the first Monday is left, of `1W,15W` the weekday nearest the 1st, and `L-3` as a
# weekday is every Saturday. What its manual does not allow is refused elsewhere by a sentence ("not implemented"); here nothing is
# raised, and `isValidExpression` says yes. Met by whoever writes names for the eye: two runs of three are gone.
# quartzcron 0.1.2 reads `MON/2` as three days and `2/2` as yet others (quartzcron-monday-by-number-is-another-day.sh).
# Command Cron reads a weekday's name and number as the same.
# Needs a Java 11 or later, and Debian 12 or another system whose apt has these versions.
set -euo pipefail
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT; cd "$dir"
apt-get download -qq -o APT::Sandbox::User=root libquartz2-java=2.3.2-4 libslf4j-java
for deb in *.deb; do dpkg -x "$deb" root; done
cat > Show.java <<'JAVA'
import java.text.SimpleDateFormat;
import java.util.*;
import org.quartz.CronExpression;
public class Show {
  public static void main(String[] args) throws Exception {
    SimpleDateFormat day = new SimpleDateFormat("EEE d MMM", Locale.ENGLISH);
    day.setTimeZone(TimeZone.getTimeZone("UTC"));
    for (String expr : List.of("0 0 9 ? * 2/2", "0 0 9 ? * MON/2", "0 0 9 ? * MON,WED#1", "0 0 9 1W,15W * ?", "0 0 9 ? * L-3")) {
      CronExpression cron = new CronExpression(expr);
      cron.setTimeZone(TimeZone.getTimeZone("UTC"));
      StringJoiner dates = new StringJoiner(", ");
      Date date = new Date(1767528000000L); // 4 January 2026, a Sunday, 12:00
      for (int i = 0; i < 5; i++) dates.add(day.format(date = cron.getNextValidTimeAfter(date)));
      System.out.println(expr + " | valid " + CronExpression.isValidExpression(expr) + " | " + dates);
    }
  }
}
JAVA
jars=root/usr/share/java
java -cp "$jars/quartz2.jar:$jars/slf4j-api.jar:$jars/slf4j-nop.jar" Show.java | tee seen
diff seen - <<'SEEN'
0 0 9 ? * 2/2 | valid true | Mon 5 Jan, Wed 7 Jan, Fri 9 Jan, Mon 12 Jan, Wed 14 Jan
0 0 9 ? * MON/2 | valid true | Mon 5 Jan, Mon 12 Jan, Mon 19 Jan, Mon 26 Jan, Mon 2 Feb
0 0 9 ? * MON,WED#1 | valid true | Mon 5 Jan, Mon 2 Feb, Mon 2 Mar, Mon 6 Apr, Mon 4 May
0 0 9 1W,15W * ? | valid true | Mon 2 Feb, Mon 2 Mar, Wed 1 Apr, Fri 1 May, Mon 1 Jun
0 0 9 ? * L-3 | valid true | Sat 10 Jan, Sat 17 Jan, Sat 24 Jan, Sat 31 Jan, Sat 7 Feb
SEEN
