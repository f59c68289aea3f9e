/** Makes the inputs of a run: input `index` of seed `seed` is always the same, whatever was made before it. */
import type { JsonObject } from "../src/core/fhir/tree/tree.ts";
import { writeJson } from "../src/core/fhir/json/write-json.ts";
import { DEFAULT_READ_LIMITS } from "../src/core/fhir/reading/read-limits.ts";
import { readResource } from "../src/core/fhir/reading/read-resource.ts";
import { writeXml } from "../src/core/fhir/xml/write-xml.ts";
import type { FhirMediaType } from "../src/pipeline/document-forms.ts";
import type { Sample } from "./corpus.ts";
import { mutateBytes } from "./mutate/bytes.ts";
import { jsonSpan, jsonTokens, mutateTokens, xmlSpan, xmlTokens } from "./mutate/token-list.ts";
import { JSON_TOKENS, XML_TOKENS } from "./mutate/tokens.ts";
import { copyOf, mutateTree } from "./mutate/tree.ts";
import { randomOf, type Random } from "./random.ts";
import { R4 } from "./r4.ts";

export const FAMILIES = ["bytes", "tokens", "tree", "repeat"] as const;

export type Family = (typeof FAMILIES)[number];

/** One input, and how it came about. */
export interface Input {
  readonly bytes: Buffer;
  readonly mediaType: FhirMediaType;
  readonly family: Family;
  /** The sample that it was made from. */
  readonly sample: string;
}

/** Makes inputs from a corpus. Holds the samples' tokens and trees, which every input is made from. */
export class InputMaker {
  readonly #seed: number;
  readonly #prepared: readonly Prepared[];

  /** @param corpus must hold at least one sample of each media type that it holds */
  constructor(seed: number, corpus: readonly Sample[]) {
    this.#seed = seed;
    this.#prepared = corpus.map((sample) => new Prepared(sample));
  }

  input(index: number): Input {
    const random = randomOf(this.#seed, index);
    const sample = random.pick(this.#prepared);
    const other = random.pick(this.#prepared);
    const family = random.once(400) ? "repeat" : random.pick(["bytes", "tokens", "tree", "tree"] as const);
    return { ...MAKERS[family](sample, other, random), family, sample: sample.sample.name };
  }
}

type Made = Pick<Input, "bytes" | "mediaType">;

const MAKERS: Readonly<Record<Family, (sample: Prepared, other: Prepared, random: Random) => Made>> = {
  bytes: ({ sample }, _other, random) => ({
    bytes: times(random, (bytes) => (bytes.length === 0 ? bytes : mutateBytes(bytes, random)), sample.bytes),
    mediaType: sample.mediaType,
  }),
  tokens: (sample, other, random) => {
    const [dictionary, span] = sample.isXml ? ([XML_TOKENS, xmlSpan] as const) : ([JSON_TOKENS, jsonSpan] as const);
    const foreign = sample.isXml === other.isXml ? other.tokens : [];
    const tokens = times(random, (list) => mutateTokens(list, foreign, dictionary, span, random), sample.tokens);
    return { bytes: Buffer.from(tokens.join("")), mediaType: sample.sample.mediaType };
  },
  tree: (sample, other, random) => {
    if (sample.tree === undefined) return MAKERS.bytes(sample, other, random);
    const tree = copyOf(sample.tree);
    const donor = other.tree ?? sample.tree;
    times(random, () => mutateTree(tree, donor, random), undefined);
    return written(tree, random);
  },
  // What grows faster than its size shows when a part stands there a thousand times.
  repeat: (sample, _other, random) => {
    const span = sample.isXml ? xmlSpan : jsonSpan;
    const { tokens } = sample;
    const [from, to] = span(tokens, random.below(tokens.length));
    const separator = sample.isXml || tokens[from] === "," ? "" : ",";
    const unit = tokens.slice(from, to + 1).join("") + separator;
    const count = Math.max(1, Math.min(20_000, Math.floor((20_000 + random.below(300_000)) / Math.max(1, unit.length))));
    const text = tokens.slice(0, from).join("") + unit.repeat(count) + tokens.slice(from).join("");
    return { bytes: Buffer.from(text), mediaType: sample.sample.mediaType };
  },
};

/** Most inputs have one fault, so that nothing hides behind another; some have several. */
function times<T>(random: Random, change: (value: T) => T, value: T): T {
  let result = value;
  for (let left = random.once(3) ? 1 + random.below(6) : 1; left > 0; left--) result = change(result);
  return result;
}

/** As XML where it can be, now and then: the same damage then meets the other reader. */
function written(tree: JsonObject, random: Random): Made {
  if (random.once(4)) {
    try {
      return { bytes: Buffer.from(writeXml(tree, R4.definitions)), mediaType: "application/fhir+xml" };
    } catch {
      // No XML can be made of it: as JSON, then. Whether the writer refused it well is judged where inputs are judged.
    }
  }
  return { bytes: Buffer.from(writeJson(tree)), mediaType: "application/fhir+json" };
}

class Prepared {
  readonly sample: Sample;
  readonly isXml: boolean;
  #tokens: readonly string[] | undefined;
  #tree: JsonObject | undefined | null = null;

  constructor(sample: Sample) {
    this.sample = sample;
    this.isXml = sample.mediaType === "application/fhir+xml";
  }

  get tokens(): string[] {
    this.#tokens ??= (this.isXml ? xmlTokens : jsonTokens)(this.sample.bytes.toString("utf8"));
    return [...this.#tokens];
  }

  get tree(): JsonObject | undefined {
    if (this.#tree === null) this.#tree = readResource(this.sample.bytes, this.sample.mediaType, DEFAULT_READ_LIMITS, R4.definitions).resource;
    return this.#tree;
  }
}
