import type { KeyTable } from "../../keys.ts";

/** What becomes of the settings of a crontab. Every one of them is also a variable of the commands below it, as in cron. */
export const CRONTAB_KEYS: KeyTable = {
  format: "crontab",
  shown: (key) => `${key}=`,
  groups: [
    { keys: "SHELL", fate: "carried", here: "the program that runs the command" },
    { keys: "HOME", fate: "carried", here: "the working directory" },
    {
      keys: "CRON_TZ",
      fate: "remark",
      here: "the time zone of the schedule, as cronie reads it; Debian's cron ignores it and goes by the host's zone",
    },
    {
      keys: "RANDOM_DELAY",
      fate: "remark",
      here: "a fixed place in so many minutes, as cronie draws it; Debian's cron knows no such delay",
    },
    { keys: "MAILTO", fate: "remark", here: "output was mailed there: give the job a delivery", nothing: /^$/ },
    { keys: "MAILFROM CONTENT_TYPE CONTENT_TRANSFER_ENCODING", fate: "aside", here: "about the mail" },
    { keys: "LOGNAME USER", fate: "aside", here: "cron puts its own value there" },
    { keys: "CRON_WITHIN", fate: "decisive", here: "a late start was left out" },
    { keys: "START_HOURS_RANGE", fate: "decisive", here: "anacron's: it held starts back" },
    { keys: "*", fate: "carried", here: "environment of the lines below it" },
  ],
};
