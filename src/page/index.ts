/** The page: one document, read and kept up to date under a ticket that can do nothing else. */
export { createPage, type PageOptions } from "./page.ts";
