import { FhirPathSyntaxError } from "./errors.ts";

/** `name`: an identifier or keyword; `quoted`: one in backticks, never a keyword; `symbol`: an operator or bracket; `variable`: what stands behind `%`. */
export type TokenKind = "name" | "quoted" | "special" | "variable" | "string" | "number" | "temporal" | "symbol" | "end";

export interface Token {
  readonly kind: TokenKind;
  /** Without quotes and with escapes resolved. */
  readonly text: string;
  readonly offset: number;
}

const SPACE_OR_COMMENT = /(?:\s|\/\/[^\n\r]*|\/\*[^]*?\*\/)+/y;
const PATTERNS: readonly (readonly [TokenKind, RegExp])[] = [
  ["name", /[A-Za-z_][A-Za-z0-9_]*/y],
  ["special", /\$(?:this|index|total)\b/y],
  // A time without a date has no zone; a T behind a date makes a DateTime of it.
  [
    "temporal",
    /@(?:T\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?|\d{4}(?:-\d\d(?:-\d\d)?)?(?:T(?:\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:\d\d)?)?)?)/y,
  ],
  ["number", /\d+(?:\.\d+)?/y],
  ["symbol", /<=|>=|!=|!~|[-+*/&|<>=~.,()[\]{}]/y],
];
const QUOTES: Readonly<Record<string, TokenKind>> = { "'": "string", "`": "quoted" };
const ESCAPES: Readonly<Record<string, string>> = {
  "'": "'",
  '"': '"',
  "`": "`",
  "\\": "\\",
  "/": "/",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** Takes an expression apart (FHIRPath, lexical elements). The last token is `end`. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; ;) {
    at = pass(SPACE_OR_COMMENT, text, at);
    if (at >= text.length) {
      tokens.push({ kind: "end", text: "", offset: text.length });
      return tokens;
    }
    const isVariable = text[at] === "%";
    const start = isVariable ? at + 1 : at;
    const quote = QUOTES[text.charAt(start)];
    if (quote !== undefined) {
      const end = endOfQuoted(text, start);
      tokens.push({ kind: isVariable ? "variable" : quote, text: unescape(text, start + 1, end - 1), offset: at });
      at = end;
      continue;
    }
    const [kind, pattern] = PATTERNS.find(([, candidate]) => pass(candidate, text, start) > start) ?? [];
    if (kind === undefined || pattern === undefined || (isVariable && kind !== "name"))
      throw new FhirPathSyntaxError(`'${text.charAt(at)}' has no meaning here.`, at);
    const end = pass(pattern, text, start);
    tokens.push({ kind: isVariable ? "variable" : kind, text: text.slice(start, end), offset: at });
    at = end;
  }
}

function pass(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function endOfQuoted(text: string, start: number): number {
  const quote = text.charAt(start);
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === quote) return at + 1;
  }
  throw new FhirPathSyntaxError(`The closing ${quote} is missing.`, start);
}

function unescape(text: string, start: number, end: number): string {
  return text.slice(start, end).replace(/\\(u[0-9A-Fa-f]{4}|[^])/g, (escape, letter: string, at: number) => {
    if (letter.length > 1) return String.fromCharCode(parseInt(letter.slice(1), 16));
    const character = ESCAPES[letter];
    if (character === undefined) throw new FhirPathSyntaxError(`${escape} is not an escape.`, start + at);
    return character;
  });
}
