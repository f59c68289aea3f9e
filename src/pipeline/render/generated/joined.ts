import { html, type Part, SafeHtml } from "../html.ts";

/** Parts with something between each two; those that are empty are passed over. */
export function joined(parts: readonly Part[], between: Part): SafeHtml {
  const told = parts.filter((part) => !isBlank(part));
  return html`${told.map((part, at) => [at > 0 && between, part])}`;
}

/** Whether there is nothing in it to be read. */
export function isBlank(part: Part): boolean {
  if (part === undefined || part === null || part === false || part === "") return true;
  if (part instanceof SafeHtml) return part.text === "";
  return typeof part === "object" && part.every(isBlank);
}
