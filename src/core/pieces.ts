/** How many pieces wait to be joined. */
const FEW = 512;

/**
 * A long text made of many short ones. A string that grows by a piece at a time keeps a node of 32 bytes for each, and so do the pieces that were put together from smaller ones: here they become characters
 * every few hundred pieces.
 */
export class Pieces {
  readonly #joined: string[] = [];
  #waiting: string[] = [];

  add(piece: string): void {
    this.#waiting.push(piece);
    if (this.#waiting.length < FEW) return;
    this.#joined.push(this.#waiting.join(""));
    this.#waiting = [];
  }

  toString(): string {
    return [...this.#joined, ...this.#waiting].join("");
  }
}
