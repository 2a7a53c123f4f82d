import fc from "fast-check";

/** In CI a commit gets the same answer each time; elsewhere every run looks at something new. */
if (process.env["CI"] !== undefined) fc.configureGlobal({ seed: 20_270_104 });

export default fc;
