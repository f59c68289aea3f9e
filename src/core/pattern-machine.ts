/** Machines of regular expressions by Thompson's construction (bounded-pattern.ts). */
type Test = (character: string) => boolean;

/** A state goes on over a character that passes, or over none to each of `free`. */
export interface State {
  test?: Test;
  next: number;
  free: number[];
}

export interface Machine {
  readonly states: readonly State[];
  readonly start: number;
  readonly end: number;
}

/** A piece of the machine, from its first state to its last. */
interface Piece {
  readonly start: number;
  readonly end: number;
}

const DIGIT: Test = (one) => /^[0-9]$/.test(one);
const WORD: Test = (one) => /^[A-Za-z0-9_]$/.test(one);
const SPACE: Test = (one) => /^\s$/.test(one);
const not =
  (test: Test): Test =>
  (one) =>
    !test(one);
const CLASSES: Readonly<Record<string, Test>> = { d: DIGIT, D: not(DIGIT), w: WORD, W: not(WORD), s: SPACE, S: not(SPACE) };
const CONTROLS: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", f: "\f", v: "\v" };

class NotUnderstood extends Error {}

/** @returns undefined for what is no pattern, is not understood here, or needs more states */
export function machineOf(source: string, mostStates: number): Machine | undefined {
  return new Maker(source, mostStates).make();
}

class Maker {
  readonly #source: readonly string[];
  readonly #states: State[] = [];
  readonly #mostStates: number;
  #at = 0;

  constructor(source: string, mostStates: number) {
    this.#source = [...source];
    this.#mostStates = mostStates;
  }

  make(): Machine | undefined {
    try {
      const { start, end } = this.#alternatives(0);
      return this.#at === this.#source.length ? { states: this.#states, start, end } : undefined;
    } catch (error) {
      if (error instanceof NotUnderstood) return undefined;
      throw error;
    }
  }

  get #next(): string | undefined {
    return this.#source[this.#at];
  }

  #state(): number {
    if (this.#states.length >= this.#mostStates) throw new NotUnderstood();
    return this.#states.push({ next: -1, free: [] }) - 1;
  }

  #free(from: number, to: number): void {
    this.#states[from]?.free.push(to);
  }

  #alternatives(depth: number): Piece {
    if (depth > 20) throw new NotUnderstood();
    let made = this.#sequence(depth);
    while (this.#next === "|") {
      this.#at++;
      const other = this.#sequence(depth);
      const [start, end] = [this.#state(), this.#state()];
      for (const one of [made, other]) {
        this.#free(start, one.start);
        this.#free(one.end, end);
      }
      made = { start, end };
    }
    return made;
  }

  #sequence(depth: number): Piece {
    const start = this.#state();
    let end = start;
    while (this.#next !== undefined && this.#next !== "|" && this.#next !== ")") {
      const piece = this.#repeated(depth);
      this.#free(end, piece.start);
      end = piece.end;
    }
    return { start, end };
  }

  #repeated(depth: number): Piece {
    const from = this.#at;
    const piece = this.#atom(depth);
    const behind = this.#at;
    const [least, most] = this.#quantifier();
    if (least === 1 && most === 1) return piece;
    const again = (): Piece => {
      const resume = this.#at;
      this.#at = from;
      const made = this.#atom(depth);
      this.#at = resume;
      return made;
    };
    if (behind === from) throw new NotUnderstood();
    return this.#copies(piece, again, least, most);
  }

  /** `least` copies one behind the other, then as many as may be left out, the last in a circle where there is no most. */
  #copies(first: Piece, again: () => Piece, least: number, most: number): Piece {
    const start = this.#state();
    const end = this.#state();
    let at = start;
    let piece: Piece | undefined = first;
    for (let count = 0; count < least; count++) {
      const one: Piece = piece ?? again();
      piece = undefined;
      this.#free(at, one.start);
      at = one.end;
    }
    this.#free(at, end);
    if (most === Infinity) {
      const one = piece ?? again();
      this.#free(at, one.start);
      this.#free(one.end, one.start);
      this.#free(one.end, end);
    } else
      for (let count = least; count < most; count++) {
        const one: Piece = piece ?? again();
        piece = undefined;
        this.#free(at, one.start);
        at = one.end;
        this.#free(at, end);
      }
    return { start, end };
  }

  #quantifier(): readonly [number, number] {
    const bounds = { "?": [0, 1], "*": [0, Infinity], "+": [1, Infinity] } as const;
    const sign = this.#next;
    let found: readonly [number, number] = [1, 1];
    if (sign === "?" || sign === "*" || sign === "+") {
      this.#at++;
      found = bounds[sign];
    } else if (sign === "{") {
      const [all = "", least = "", comma, most = ""] = /^\{(\d{1,3})(,(\d{0,3}))?\}/.exec(this.#source.slice(this.#at, this.#at + 10).join("")) ?? [];
      if (all === "") throw new NotUnderstood();
      this.#at += all.length;
      found = [Number(least), comma === undefined ? Number(least) : most === "" ? Infinity : Number(most)];
      if (found[1] < found[0]) throw new NotUnderstood();
    } else return found;
    // Whether as little or as much as can be is taken makes no difference to a whole text; what gives nothing back does.
    if (this.#next === "?") this.#at++;
    if (this.#next === "+" || this.#next === "*" || this.#next === "{") throw new NotUnderstood();
    return found;
  }

  #atom(depth: number): Piece {
    const sign = this.#source[this.#at++];
    if (sign === "(") return this.#group(depth);
    if (sign === "[") return this.#over(this.#class());
    if (sign === ".") return this.#over(() => true);
    if (sign === "\\") return this.#over(this.#escape());
    if (sign === undefined || "^$*+?{".includes(sign)) throw new NotUnderstood();
    return this.#over((one) => one === sign);
  }

  #over(test: Test): Piece {
    const [start, end] = [this.#state(), this.#state()];
    Object.assign(this.#states[start] as State, { test, next: end });
    return { start, end };
  }

  #group(depth: number): Piece {
    if (this.#next === "?") {
      if (this.#source[this.#at + 1] !== ":") throw new NotUnderstood();
      this.#at += 2;
    }
    const made = this.#alternatives(depth + 1);
    if (this.#source[this.#at++] !== ")") throw new NotUnderstood();
    return made;
  }

  #escape(): Test {
    const sign = this.#source[this.#at++] ?? "";
    const known = CLASSES[sign];
    if (known) return known;
    const meant = CONTROLS[sign] ?? (/^[^A-Za-z0-9]$/.test(sign) ? sign : undefined);
    if (meant === undefined) throw new NotUnderstood();
    return (one) => one === meant;
  }

  #class(): Test {
    const isOpposite = this.#next === "^";
    if (isOpposite) this.#at++;
    const tests: Test[] = [];
    for (let sign = this.#source[this.#at++]; sign !== "]" || tests.length === 0; sign = this.#source[this.#at++]) {
      if (sign === undefined || sign === "[" || sign === "&") throw new NotUnderstood();
      const isEscaped = sign === "\\";
      const known = isEscaped ? CLASSES[this.#next ?? ""] : undefined;
      if (known) {
        this.#at++;
        tests.push(known);
        continue;
      }
      const low = isEscaped ? this.#literal() : sign;
      if (this.#next !== "-" || this.#source[this.#at + 1] === "]") {
        tests.push((one) => one === low);
        continue;
      }
      this.#at++;
      const last = this.#source[this.#at++] ?? "";
      const high = last === "\\" ? this.#literal() : last;
      if (high < low) throw new NotUnderstood();
      tests.push((one) => one >= low && one <= high);
    }
    const any: Test = (one) => tests.some((test) => test(one));
    return isOpposite ? not(any) : any;
  }

  #literal(): string {
    const sign = this.#source[this.#at++] ?? "";
    const meant = CONTROLS[sign] ?? (/^[^A-Za-z0-9]$/.test(sign) ? sign : undefined);
    if (meant === undefined) throw new NotUnderstood();
    return meant;
  }
}
