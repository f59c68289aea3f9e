import type { VerifiedFile } from "../pipeline/render/pages/verification-form.ts";

/** The field of a file. */
export function inputOf(name: VerifiedFile): HTMLInputElement {
  return byId(name) as HTMLInputElement;
}

/** An element that every page of the verifier has. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found;
}
