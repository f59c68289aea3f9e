import { AppError } from "../../core/errors.ts";

/**
 * The parts of a parameter's value between `separator`s that no backslash stands before (R4 search.html, escaping). They are still escaped: `unescaped` is for what is not taken apart any
 * further.
 */
export function splitEscaped(text: string, separator: "," | "|" | "$"): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === separator) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

/** @throws AppError `bad-query` for a backslash before anything else than `,`, `|`, `$` and itself */
export function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replace(/\\(.?)/gsu, (_whole, sign: string) => {
    if (sign !== "" && ",|$\\".includes(sign)) return sign;
    throw new AppError("bad-query", `A backslash stands before ',', '|', '$' or another backslash, and nowhere else: "${text}"`);
  });
}
