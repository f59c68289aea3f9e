const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]|\p{Surrogate}/gu;

/** Whether a text has a letter or a digit that can be seen: spaces of no width, and fillers that count as letters, name nobody. */
export function isLegible(text: string | undefined): text is string {
  return text !== undefined && LEGIBLE.test(text);
}

const LEGIBLE = /(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}]/u;

/**
 * Words of ours that repeat some of a sender's, with everything escaped that could break an OperationOutcome in XML, act on a terminal, or turn the words around it:
 * controls, marks of direction, halves of characters.
 */
export function escapeUnseen(text: string): string {
  return text.replace(UNSEEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
