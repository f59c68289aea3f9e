import { unpacked } from "../../src/search/packed-resources.ts";
import { permits } from "../../src/search/predicate.ts";
import type { IndexedDocument } from "../../src/search/index-port.ts";
import { haveRows, inOrder } from "../../src/search/query/satisfies.ts";
import type {
  FoundLink,
  FoundResource,
  FoundText,
  IndexedResource,
  Probe,
  ResourceBounds,
  ResourceStep,
  Scope,
  Window,
} from "../../src/search/resource-index.ts";
import type { TextRow } from "../../src/search/values/index-row.ts";
import { positionOf, resourceNumber, type ResourceNumber } from "../../src/search/resource-number.ts";

/** The port's questions about resources, answered by looking at each: what engines are held against. */
export class MemoryResources {
  #all = new Map<ResourceNumber, IndexedResource>();
  readonly #texts = new Map<ResourceNumber, TextRow[]>();
  #depth = 0;

  depth(): number {
    return this.#depth;
  }

  deepen({ to, documents }: ResourceStep, isThere: (position: number) => boolean): void {
    for (const { position, resources } of documents) if (isThere(position)) this.add(position, unpacked(resources));
    this.#depth = to;
  }

  add(position: number, resources: readonly IndexedResource[]): void {
    for (const one of resources) {
      for (const { value, at } of one.words ?? [])
        for (const { name, type, places } of at)
          for (const place of places.split(",")) this.#addText(resourceNumber(position, Number(place)), type, { kind: "text", name, value, part: 0 });
      if (one.words === undefined) this.#all.set(resourceNumber(position, one.place), one);
    }
  }

  #addText(number: ResourceNumber, type: string, row: TextRow): void {
    // A word stands with the type of what has it.
    if (this.#all.get(number)?.type === type) this.#texts.set(number, [...(this.#texts.get(number) ?? []), row]);
  }

  remove(position: number): void {
    for (const own of [this.#all, this.#texts]) for (const number of own.keys()) if (positionOf(number) === position) own.delete(number);
  }

  find(type: string, probe: Probe, { below, count }: Window, isInScope: (number: ResourceNumber) => boolean): ResourceNumber[] {
    return this.#newest()
      .filter((number) => number < below && this.#is(number, type, probe) && isInScope(number))
      .slice(0, count);
  }

  among(type: string, probe: Probe, numbers: readonly ResourceNumber[]): ResourceNumber[] {
    return numbers.filter((number) => this.#is(number, type, probe));
  }

  estimate(type: string, probe: Probe, most: number): number {
    return Math.min(most, this.#newest().filter((number) => this.#is(number, type, probe)).length);
  }

  links(type: string | undefined, name: string | undefined): FoundLink[] {
    return this.#newest().flatMap((from) => {
      const resource = this.#all.get(from);
      const isOfType = type === undefined || resource?.type === type;
      const rows = isOfType ? (resource?.rows ?? []).filter((row) => row.kind === "link" && (name === undefined || row.name === name)) : [];
      const targets = new Set(rows.map((row) => (row.kind === "link" ? resourceNumber(positionOf(from), row.target) : 0)));
      return [...targets].sort((one, other) => one - other).map((to) => ({ from, to }));
    });
  }

  resources(
    numbers: readonly ResourceNumber[],
    { permitted, isCurrent }: Scope,
    documentAt: (position: number) => IndexedDocument | undefined,
  ): FoundResource[] {
    return numbers.flatMap((number) => {
      const [resource, document] = [this.#all.get(number), documentAt(positionOf(number))];
      if (!resource || !document || !permits(permitted, { ...document.facts, id: document.summary.id }) || (isCurrent && document.to !== undefined))
        return [];
      const { id, receivedAt } = document.summary;
      return [{ number, type: resource.type, path: resource.path, documentId: id, receivedAt, isSuperseded: document.to !== undefined }];
    });
  }

  numberOf(position: number, path: string, type: string): ResourceNumber | undefined {
    return this.#newest().find((number) => {
      const resource = this.#all.get(number);
      return positionOf(number) === position && resource?.path === path && resource.type === type;
    });
  }

  bounds(type: string, name: string, numbers: readonly ResourceNumber[]): ResourceBounds[] {
    return numbers.flatMap((number) => {
      const resource = this.#all.get(number);
      const values = (resource?.type === type ? resource.rows : []).flatMap((row) =>
        row.name !== name || row.kind === "link" ? [] : [row.kind === "word" ? [row.value, row.value] : [row.low, row.high]],
      );
      const [first] = values;
      if (!first) return [];
      const lows = values.map(([low]) => low as string | number).sort(inOrder);
      const highs = values.map(([, high]) => high as string | number).sort(inOrder);
      return [{ number, low: lows[0] ?? "", high: highs.at(-1) ?? "" }];
    });
  }

  texts(type: string, name: string, numbers: readonly ResourceNumber[]): FoundText[] {
    return numbers.flatMap((from) => {
      const resource = this.#all.get(from);
      const values = (resource?.type === type ? resource.rows : []).flatMap((row) => (row.kind === "word" && row.name === name ? [row.value] : []));
      return [...new Set(values)].map((value) => ({ from, value }));
    });
  }

  #newest(): ResourceNumber[] {
    return [...this.#all.keys()].sort((one, other) => other - one);
  }

  #is(number: ResourceNumber, type: string, probe: Probe): boolean {
    const resource = this.#all.get(number);
    if (resource?.type !== type) return false;
    return haveRows([...resource.rows, ...(this.#texts.get(number) ?? [])], probe);
  }
}
