const DIGITS = 40;

/**
 * The id of the derived Patient of a person (docs/formats.md, Derived Patient).
 * @param hash of the identifier that the person is known by, in hex digits (Keys.personKeyOf)
 */
export function personId(hash: string): string {
  return `p-${hash.slice(0, DIGITS)}`;
}
