/** Text that is already HTML. Made by `html` and, for what was checked elsewhere, by `trusted`; everything else is escaped. */
export class SafeHtml {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What may stand in a template. `undefined`, `null` and `false` stand for nothing. */
export type Part = SafeHtml | string | number | undefined | null | false | readonly Part[];

/**
 * A template that escapes whatever is put into it: html`<p title="${title}">${text}</p>`. Attribute values must be quoted: what is escaped is text and quoted
 * attribute values, not URLs, scripts or styles.
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): SafeHtml {
  let text = strings[0] ?? "";
  for (let at = 0; at < parts.length; at++) text += written(parts[at]) + (strings[at + 1] ?? "");
  return new SafeHtml(text);
}

/** Marks text as HTML that another part of the program wrote and checked: say at the call where. */
export function trusted(text: string): SafeHtml {
  return new SafeHtml(text);
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "\r": "&#13;",
  "\0": "\uFFFD",
};

/** Text for use between tags or in a quoted attribute value. */
export function escapeHtml(text: string): string {
  return SPECIAL.test(text) ? text.replace(/[&<>"'\r\0]/g, (character) => ESCAPES[character] ?? character) : text;
}

/** Most texts have none of them. */
const SPECIAL = /[&<>"'\r\0]/;

function written(part: Part): string {
  if (part === undefined || part === null || part === false) return "";
  if (part instanceof SafeHtml) return part.text;
  if (typeof part === "string") return escapeHtml(part);
  if (typeof part !== "object") return String(part);
  let text = "";
  for (const one of part) text += written(one);
  return text;
}
