const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff]|\p{Surrogate}/gu;

/**
 * A text of the sender's as an issue may repeat it: short, because a thousand issues may repeat the same one, and with everything escaped that could break an
 * OperationOutcome in XML or turn the words around it (controls, marks of direction).
 */
export function shown(text: string, length = 120): string {
  const short = text.length > length ? `${text.slice(0, length)}…` : text;
  return short.replace(UNSEEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
