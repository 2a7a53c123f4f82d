import type { HostFacts } from "../../src/transfer/index.ts";

/** A Linux host of which the importers are asked in tests. */
export const FACTS: HostFacts = {
  platform: "linux",
  hostname: "box.example.org",
  user: "ann",
  uid: 1000,
  home: "/home/ann",
  users: new Map([
    ["root", "/root"],
    ["ann", "/home/ann"],
    ["backup", "/var/backups"],
    ["mail", "/var/mail"],
  ]),
  pools: ["db"],
  destinations: ["team"],
  hasFile: (path) => path === "/bin/bash",
};
