import { html, type Part, SafeHtml } from "../html.ts";

/** Parts with something between each two; those that are empty are passed over. */
export function joined(parts: readonly Part[], between: Part): SafeHtml {
  const told: Part[] = [];
  for (const part of parts) if (!isBlank(part)) told.push(told.length > 0 && between, part);
  // What is HTML already need not be made again.
  return told.length === 2 && told[1] instanceof SafeHtml ? told[1] : html`${told}`;
}

/** Whether there is nothing in it to be read. */
export function isBlank(part: Part): boolean {
  if (part === undefined || part === null || part === false || part === "") return true;
  if (part instanceof SafeHtml) return part.text === "";
  return typeof part === "object" && part.every(isBlank);
}
