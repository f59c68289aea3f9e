/** Numbers that look random and are the same in every run and on every machine. */
export interface Random {
  /** A whole number from 0 up to, not including, `bound`. */
  below(bound: number): number;
  /** One of the items, of which there must be one. */
  pick<T>(items: readonly T[]): T;
  /** True once in `times`. */
  once(times: number): boolean;
}

/** A source of numbers for one input: `seed` is the run's, `index` the input's, so that any input can be made again without those before it. */
export function randomOf(seed: number, index: number): Random {
  let state = mix(seed ^ mix(index + 1));
  // Mulberry32: 32 bits of state are plenty for the few hundred numbers that one input takes.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return (bits ^ (bits >>> 14)) >>> 0;
  };
  const below = (bound: number): number => (bound <= 1 ? 0 : next() % bound);
  return {
    below,
    pick: <T>(items: readonly T[]): T => {
      if (items.length === 0) throw new RangeError("nothing to pick from");
      return items[below(items.length)] as T;
    },
    once: (times) => below(times) === 0,
  };
}

/** The finaliser of MurmurHash3: neighbouring numbers end far apart. */
function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
