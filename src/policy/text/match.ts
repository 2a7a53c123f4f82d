import { type Context, createContext, runInContext } from "node:vm";
import { CommandCronError, errorText } from "../../kernel/errors.ts";
import { orUndefined } from "../../kernel/or-undefined.ts";

/** A pattern that needs longer for one text is a runaway; it must not hold up the gateway. */
const MATCH_LIMIT_MS = 100;
/** So often a host that is too busy to let a search have its time is asked for it. */
const SEARCHES = 3;

let sandbox: Context | undefined;

/**
 * Reads a `policy.deliver.match` pattern: JavaScript syntax, `^` and `$` at line ends, with Unicode classes such as
 * `\p{Lu}`. What only the older syntax reads (`[\w-.]`) is read as that. Raises INVALID_PARAMS.
 */
export function compileMatch(pattern: string, field = "policy.deliver.match"): RegExp {
  try {
    return orUndefined(() => new RegExp(pattern, "mu")) ?? new RegExp(pattern, "m");
  } catch (cause) {
    throw new CommandCronError("INVALID_PARAMS", {
      field,
      expected: "a regular expression in JavaScript syntax",
      got: `${JSON.stringify(pattern)} (${errorText(cause)})`,
      cause,
    });
  }
}

/**
 * Whether the pattern finds anything in the text. Some patterns need longer than the age of the universe for some texts;
 * after a tenth of a second the search is given up and answers `givenUp`; for a message that is true, since silence could
 * hide something. A tenth in which others had the processor is no search, and is begun again.
 */
export function findsMatch(pattern: RegExp, text: string, givenUp = true): boolean {
  sandbox ??= createContext(Object.create(null));
  sandbox["pattern"] = pattern;
  sandbox["text"] = text;
  try {
    for (let search = 0; search < SEARCHES; search += 1) {
      const before = process.cpuUsage();
      const found = orUndefined(() =>
        runInContext("pattern.test(text)", sandbox as Context, { timeout: MATCH_LIMIT_MS }),
      );
      if (found !== undefined) return found === true;
      const { user, system } = process.cpuUsage(before);
      if ((user + system) / 1_000 > MATCH_LIMIT_MS / 2) break;
    }
    return givenUp;
  } finally {
    sandbox["pattern"] = undefined;
    sandbox["text"] = undefined;
  }
}
