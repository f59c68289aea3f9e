/** Mutations of a text as a list of tokens: what a mistaken program writes, rather than a broken wire. */
import type { Random } from "../random.ts";

const JSON_TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+|\s+/gs;
const XML_TOKEN = /<!--.*?-->|<[^>]*>|[^<]+|</gs;

export function jsonTokens(text: string): string[] {
  return text.match(JSON_TOKEN) ?? [];
}

export function xmlTokens(text: string): string[] {
  return text.match(XML_TOKEN) ?? [];
}

/**
 * One change in a list of tokens: dropped, doubled, exchanged, or replaced by a token of `dictionary` or of `other`, another document of the same form.
 * @param spanOf from where to where a unit reaches that begins at a token, both included (an element with its end tag, say)
 */
export function mutateTokens(
  tokens: readonly string[],
  other: readonly string[],
  dictionary: readonly string[],
  spanOf: (tokens: readonly string[], at: number) => readonly [number, number],
  random: Random,
): string[] {
  if (tokens.length === 0) return [random.pick(dictionary)];
  const at = random.below(tokens.length);
  const [from, to] = random.once(2) ? spanOf(tokens, at) : [at, at];
  const before = tokens.slice(0, from);
  const unit = tokens.slice(from, to + 1);
  const after = tokens.slice(to + 1);
  switch (random.below(8)) {
    case 0:
      return [...before, ...after];
    case 1:
      return [...before, ...unit, ...unit, ...after];
    case 2:
      return [...before, random.pick(dictionary), ...after];
    case 3:
      return [...before, random.pick(dictionary), ...unit, ...after];
    case 4: {
      const place = random.below(tokens.length);
      return [...tokens.slice(0, place), ...unit, ...tokens.slice(place)];
    }
    case 5: {
      const [first, last] = other.length === 0 ? [0, 0] : spanOf(other, random.below(other.length));
      return [...before, ...other.slice(first, last + 1), ...after];
    }
    case 6: {
      // The head of one document and the tail of another.
      return [...before, ...other.slice(Math.floor((from / tokens.length) * other.length))];
    }
    default: {
      const text = unit.join("");
      return [...before, edited(text, random.pick(dictionary), random), ...after];
    }
  }
}

function edited(text: string, insertion: string, random: Random): string {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + insertion + text.slice(at + random.below(3));
}

/** In JSON: what the bracket at a token encloses, or, of a name, the name and its value. */
export function jsonSpan(tokens: readonly string[], at: number): readonly [number, number] {
  let end = at;
  if (tokens[at]?.startsWith('"') === true && tokens[at + 1] === ":") {
    end = at + 2;
    if (tokens[end]?.trim() === "") end++;
  }
  return [at, closing(tokens, end, (token) => (token === "{" || token === "[" ? 1 : token === "}" || token === "]" ? -1 : 0))];
}

/** In XML: the element that begins at a token. */
export function xmlSpan(tokens: readonly string[], at: number): readonly [number, number] {
  return [at, closing(tokens, at, (token) => (/^<[^/!?]/.test(token) && !token.endsWith("/>") ? 1 : token.startsWith("</") ? -1 : 0))];
}

function closing(tokens: readonly string[], at: number, depthOf: (token: string) => number): number {
  let depth = 0;
  for (let end = at; end < tokens.length; end++) {
    depth += depthOf(tokens[end] ?? "");
    if (depth <= 0) return end;
  }
  return tokens.length - 1;
}
