import { addressTail } from "../../../src/core/fhir/references.ts";
import type { JsonObject, JsonValue } from "../../../src/core/fhir/tree/tree.ts";
import type { Edge, GraphPage, GraphQLSource, GraphSearch, Held } from "../../../src/core/graphql/source.ts";

/** Resources that are kept in memory, found by simple equality; it counts what it is asked. */
export class MemorySource implements GraphQLSource {
  readonly asked: string[] = [];
  readonly #all: readonly Held[];
  /** Which resources are matches of a search upon a type, beside those that satisfy `_id` and references. */
  readonly #most: number;

  constructor(resources: readonly JsonObject[], most = 500) {
    this.#all = resources.map((resource) => ({ resource, type: resource.string("resourceType") ?? "" }));
    this.#most = most;
  }

  read(wanted: readonly { readonly type: string; readonly id: string }[]): Promise<readonly (Held | undefined)[]> {
    this.asked.push(`read ${wanted.length}`);
    return Promise.resolve(wanted.map(({ type, id }) => this.#at(type, id)));
  }

  follow(edges: readonly Edge[]): Promise<readonly (Held | undefined)[]> {
    this.asked.push(`follow ${edges.length}`);
    return Promise.resolve(edges.map(({ reference }) => this.#led(reference)));
  }

  list(search: GraphSearch): Promise<readonly Held[]> {
    this.asked.push(`list ${search.type}`);
    return Promise.resolve(this.#found(search).slice(0, search.count));
  }

  page(search: GraphSearch): Promise<GraphPage> {
    const all = this.#found(search);
    const size = search.count ?? 50;
    return Promise.resolve({
      total: all.length,
      offset: 0,
      pageSize: size,
      edges: all.slice(0, size).map(edge),
      ...(all.length > size && { next: `${size}` }),
    });
  }

  pageAt(type: string, cursor: string): Promise<GraphPage> {
    const all = this.#all.filter((one) => one.type === type);
    return Promise.resolve({ total: all.length, offset: Number(cursor), pageSize: 50, edges: all.slice(Number(cursor)).map(edge) });
  }

  referring(search: GraphSearch & { readonly by: string }, to: readonly Held[]): Promise<readonly (readonly Held[])[]> {
    this.asked.push(`referring ${search.type} ${to.length}`);
    return Promise.resolve(to.map((one) => this.#referringTo(search, one).slice(0, search.count)));
  }

  pageReferring(search: GraphSearch & { readonly by: string }, to: Held): Promise<GraphPage> {
    const all = this.#referringTo(search, to);
    return Promise.resolve({ total: all.length, offset: 0, pageSize: all.length, edges: all.map(edge) });
  }

  #at(type: string, id: string): Held | undefined {
    return this.#all.find((one) => one.type === type && one.resource.string("id") === id);
  }

  #led(reference: string): Held | undefined {
    const tail = addressTail(reference);
    return tail && this.#at(tail.type, tail.id);
  }

  /** Parameters are compared with the element of their name. */
  #found({ type, parameters }: GraphSearch): readonly Held[] {
    const isMatch = ({ resource }: Held): boolean =>
      parameters.every(([code, value]) => code.startsWith("_") || value.split(",").includes(textOf(resource.get(code))));
    const found = this.#all.filter((one) => one.type === type && isMatch(one));
    if (found.length > this.#most) throw new Error("too many");
    return found;
  }

  #referringTo(search: GraphSearch & { readonly by: string }, to: Held): readonly Held[] {
    const names = search.by === "patient" ? ["patient", "subject"] : [search.by];
    return this.#found(search).filter(({ resource }) =>
      names.some((name) => this.#led(resource.object(name)?.string("reference") ?? "")?.resource === to.resource),
    );
  }
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" || typeof value === "boolean" ? String(value) : "";
}

function edge(held: Held): GraphPage["edges"][number] {
  return { mode: "match", score: undefined, held };
}
