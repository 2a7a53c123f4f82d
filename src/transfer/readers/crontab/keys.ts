import { aside, carried, decisive, type KeyTable, remark } from "../../keys.ts";

/** What becomes of the settings of a crontab. Every one of them is also a variable of the commands below it, as in cron. */
export const CRONTAB_KEYS: KeyTable = {
  format: "crontab",
  shown: (key) => `${key}=`,
  groups: [
    carried("SHELL", "the program that runs the command"),
    carried("HOME", "the working directory"),
    remark(
      "CRON_TZ",
      "the time zone of the schedule, as cronie reads it; Debian's cron ignores it and goes by the host's zone",
    ),
    remark("RANDOM_DELAY", "a fixed place in so many minutes, as cronie draws it; Debian's cron knows no such delay"),
    remark("MAILTO", "output was mailed there: give the job a delivery", /^$/),
    aside("MAILFROM CONTENT_TYPE CONTENT_TRANSFER_ENCODING", "about the mail"),
    aside("LOGNAME USER", "cron puts its own value there"),
    decisive("CRON_WITHIN", "a late start was left out"),
    decisive("START_HOURS_RANGE", "anacron's: it held starts back"),
    carried("*", "environment of the lines below it"),
  ],
};
