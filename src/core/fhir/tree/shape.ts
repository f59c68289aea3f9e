/**
 * The names of an object's properties, in order, apart from the object: a document has thousands of Codings and one or two shapes for them. So an object need not hold its names, a
 * reader need not look for a name that comes twice, and what can be said of a list of names is worked out once, however many objects have it.
 */
export interface Shape {
  readonly names: readonly string[];
  /** Whether other objects may have this very shape. Then it never changes, and what is worked out about it may be kept. */
  readonly isShared: boolean;
  /** How the canonical form writes the names (canonical.ts), once that was worked out; of a shared shape alone. */
  written?: readonly WrittenName[];
  /** The place of a name, from 0; -1 when it is not there. */
  indexOf(name: string): number;
  /** The shape with one more name at its end; undefined when the name is there already. The former is not to be used again if it was not shared. */
  extend(name: string): Shape | undefined;
}

/** A property's place in its object, and what stands before its value: a comma unless it is the first, its name, a colon. */
export interface WrittenName {
  readonly at: number;
  readonly before: string;
}

/** Objects with more names have a shape of their own: R4 has none, and each of a shared shape's beginnings is a shape too. */
const MOST_SHARED = 64;
/** Longer names are no element's: a shape of one object alone, so that nothing keeps them. */
const LONGEST_SHARED = 64;
/** Up to how many names a look at each is faster than a map. */
const FEW = 12;
/** How many shapes are kept for documents to come. A flood of strange ones lets them be forgotten and made anew, no more. */
const MOST_KEPT = 10_000;

class SharedShape implements Shape {
  readonly isShared = true;
  readonly #former: SharedShape | undefined;
  readonly #last: string;
  readonly #length: number;
  #names: readonly string[] | undefined;
  #places: ReadonlyMap<string, number> | undefined;
  written?: readonly WrittenName[];
  /** What follows upon it. Most shapes are followed by one and the same name. */
  #lastFollower: SharedShape | undefined;
  #followers: Map<string, SharedShape> | undefined;

  constructor(former: SharedShape | undefined, last: string) {
    this.#former = former;
    this.#last = last;
    this.#length = former === undefined ? 0 : former.#length + 1;
  }

  get names(): readonly string[] {
    return (this.#names ??= this.#listNames());
  }

  indexOf(name: string): number {
    if (this.#length <= FEW) return this.names.indexOf(name);
    this.#places ??= new Map(this.names.map((one, at) => [one, at]));
    return this.#places.get(name) ?? -1;
  }

  extend(name: string): Shape | undefined {
    const last = this.#lastFollower;
    if (last !== undefined && last.#last === name) return last;
    const known = this.#followers?.get(name);
    if (known !== undefined) return (this.#lastFollower = known);
    if (this.indexOf(name) >= 0) return undefined;
    return this.#length < MOST_SHARED && name.length <= LONGEST_SHARED ? this.#follow(name) : new OwnShape([...this.names, name]);
  }

  #follow(name: string): SharedShape {
    const follower = new SharedShape(this, internalized(name));
    const last = this.#lastFollower;
    if (last !== undefined) (this.#followers ??= new Map([[last.#last, last]])).set(follower.#last, follower);
    kept.push(follower);
    return (this.#lastFollower = follower);
  }

  /** Lets go of what follows: whoever still has this shape is to keep no other. */
  forget(): void {
    this.#lastFollower = undefined;
    this.#followers = undefined;
  }

  #listNames(): string[] {
    const names = new Array<string>(this.#length);
    let shape: SharedShape | undefined = this; // eslint-disable-line @typescript-eslint/no-this-alias -- from the end to the beginning
    for (let at = this.#length - 1; shape !== undefined && at >= 0; shape = shape.#former) names[at--] = shape.#last;
    return names;
  }
}

/** The shape of one object alone. It grows with its object. */
class OwnShape implements Shape {
  readonly isShared = false;
  readonly names: string[];
  readonly #places: Map<string, number>;

  constructor(names: string[]) {
    this.names = names;
    this.#places = new Map(names.map((name, at) => [name, at]));
  }

  indexOf(name: string): number {
    return this.#places.get(name) ?? -1;
  }

  extend(name: string): Shape | undefined {
    if (this.#places.has(name)) return undefined;
    this.#places.set(name, this.names.push(name) - 1);
    return this;
  }
}

let root = new SharedShape(undefined, "");
let kept: SharedShape[] = [];

/** The shape of an object without properties, with which every shape begins. */
export function emptyShape(): Shape {
  if (kept.length > MOST_KEPT) {
    for (const shape of [root, ...kept]) shape.forget();
    root = new SharedShape(undefined, "");
    kept = [];
  }
  return root;
}

/** The same text as the string that the engine keeps for names: comparing two of these is comparing addresses. */
export function internalized(name: string): string {
  return Object.keys({ [name]: 0 })[0] ?? name;
}
