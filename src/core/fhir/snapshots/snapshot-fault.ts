/** Why no snapshot can be made of a definition: it stays unusable, and whoever asks is told. */
export class SnapshotFault extends Error {
  override readonly name = "SnapshotFault";
  /** Path or id of the element of the differential that can't be placed; undefined where it is the definition as a whole. */
  readonly element: string | undefined;

  constructor(message: string, element?: string) {
    super(message);
    this.element = element;
  }
}
