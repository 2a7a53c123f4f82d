/** Acting from a chat: clicks on buttons below messages, and `/cron`. Both are for owners, asked by us as well. */
export { registerChat } from "./register.ts";
