/** The part of YAML that the reference validator's config.yaml is written in: maps and lists by indentation, plain or quoted scalars, comments. Values are strings. */

export type Yaml = string | readonly Yaml[] | { readonly [name: string]: Yaml };

interface Line {
  readonly indent: number;
  readonly text: string;
}

/** @throws Error where a line is none of those forms */
export function readYaml(text: string): Yaml {
  const lines = text
    .split(/\r?\n/)
    .map((line): Line => ({ indent: line.search(/\S|$/), text: withoutComment(line).trim() }))
    .filter(({ text: content }) => content !== "");
  const [value, end] = block(lines, 0, lines[0]?.indent ?? 0);
  if (end < lines.length) throw new Error(`Not read: ${lines[end]?.text ?? ""}`);
  return value;
}

function withoutComment(line: string): string {
  return line.replace(/(^|\s)#(?=(?:[^"]*"[^"]*")*[^"]*$).*/, "");
}

function block(lines: readonly Line[], start: number, indent: number): [Yaml, number] {
  return lines[start]?.text.startsWith("- ") === true ? list(lines, start, indent) : map(lines, start, indent);
}

function list(lines: readonly Line[], start: number, indent: number): [Yaml, number] {
  const items: Yaml[] = [];
  let at = start;
  while (at < lines.length && lines[at]?.indent === indent && lines[at]?.text.startsWith("- ") === true) {
    const rest = (lines[at] as Line).text.slice(2).trim();
    if (!/^[\w.-]+:(?:\s|$)/.test(rest)) {
      items.push(scalar(rest));
      at++;
      continue;
    }
    // A map whose first name stands behind the dash: read as if it stood on a line of its own.
    const inner = [{ indent: indent + 2, text: rest }, ...lines.slice(at + 1)];
    const [value, used] = map(inner, 0, indent + 2);
    items.push(value);
    at += used;
  }
  return [items, at];
}

function map(lines: readonly Line[], start: number, indent: number): [Yaml, number] {
  const names: Record<string, Yaml> = {};
  let at = start;
  while (at < lines.length && lines[at]?.indent === indent) {
    const parts = /^("[^"]*"|[^\s"][^"]*?):(?:\s+(.*))?$/.exec((lines[at] as Line).text);
    if (!parts) throw new Error(`Not read: ${lines[at]?.text ?? ""}`);
    const name = scalar(parts[1] ?? "");
    at++;
    if (parts[2] !== undefined) names[name] = scalar(parts[2]);
    else {
      const next = lines[at];
      const isNested = next !== undefined && (next.indent > indent || (next.indent === indent && next.text.startsWith("- ")));
      if (!isNested) names[name] = "";
      else [names[name], at] = block(lines, at, next.indent);
    }
  }
  return [names, at];
}

function scalar(text: string): string {
  return /^(?:"[^]*"|'[^]*')$/.test(text) ? text.slice(1, -1) : text;
}
