/** What was made of the last few texts: for what is the same each time, and costs more to make than to look up. */
export class Recent<Made> {
  readonly #most: number;
  readonly #longest: number;
  readonly #made = new Map<string, Made>();

  /**
   * @param most texts that are remembered
   * @param longest characters of one that is: of a longer one all is made anew, so that what is remembered is bounded
   */
  constructor(most: number, longest = Infinity) {
    this.#most = most;
    this.#longest = longest;
  }

  /** What `make` gave for this text; where it throws, nothing is remembered. The text alone must decide what is made. */
  of(text: string, make: (text: string) => Made): Made {
    const known = this.#made.get(text);
    const made = known ?? make(text);
    if (text.length > this.#longest) return made;
    // Behind all others: what was asked for last goes last.
    this.#made.delete(text);
    this.#made.set(text, made);
    for (const oldest of this.#made.keys()) {
      if (this.#made.size <= this.#most) break;
      this.#made.delete(oldest);
    }
    return made;
  }
}
