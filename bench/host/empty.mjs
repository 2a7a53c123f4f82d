process.send?.("ready");
process.on("message", () => {});
