import { atMost, below, type Goal, ratio, worst } from "./judge.ts";

const VIEWS = ["timeline", "jobs", "job", "runs", "messages", "attention"].map((view) => `page.cpu-${view}`);

/** What is wanted of the page. */
export const PAGE_GOALS: readonly Goal[] = [
  {
    id: "page-view",
    says: "1,000 jobs, 100,000 runs: opening any view of the page costs the gateway at most 30 ms of CPU",
    judge: worst(VIEWS, "ms", (ms) => ms <= 30),
    limit: "Most of it is the list of all 1,000 jobs, which the page searches and sorts by itself from then on.",
  },
  {
    id: "page-hold",
    says: "... and no answer holds the event loop for over 10 ms",
    judge: atMost("page.hold", "ms", 10),
  },
  {
    id: "page-size",
    says: "The page's document is under 200 kB, compressed",
    judge: below("page.document-size", "kB", 200),
  },
  {
    id: "page-idle",
    says: "100 open pages cost under 2 % of a core while nothing happens",
    judge: below("page.idle-tabs", "%", 2),
  },
  {
    id: "page-draw",
    says: "Chromium, 1,000 jobs: the first drawing takes under 300 ms of script CPU",
    judge: below("page.draw-script", "ms", 300),
  },
  {
    id: "page-key",
    says: "... and a key in the search of any view costs under 50 ms of CPU until it is drawn",
    judge: worst(["page.key-timeline", "page.key-jobs"], "ms", (ms) => ms < 50),
  },
  {
    id: "page-event",
    says: "A run that starts is on the screen within 500 ms",
    judge: atMost("page.event-screen", "ms", 500),
  },
  {
    id: "page-beside",
    says: "1,000 jobs: from the side bar to the list no longer than the gateway's own page of its jobs",
    judge: ratio("page.ours-open", "page.native-open", (factor) => factor <= 1),
    limit:
      "Ours stands in a frame: the Control UI first tries whether the frame may be signed in, and then loads a document whose script has to be read, where the gateway's own list is a part of the page that is there already. The document brings its first answers along.",
  },
];
