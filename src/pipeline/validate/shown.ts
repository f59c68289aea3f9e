import { escapeUnseen } from "../../core/fhir/reading/unseen.ts";

/** A text of the sender's as an issue may repeat it: short, because a thousand issues may repeat the same one, and with what can't be seen escaped. */
export function shown(text: string, length = 120): string {
  return escapeUnseen(text.length > length ? `${text.slice(0, length)}…` : text);
}
