import type { JsonObject } from "../../core/fhir/tree/tree.ts";

/** The place of a whole resource: its type's name, unless that can't be one. */
export function rootPlace(resource: JsonObject): Place {
  const place = new Place();
  const type = resource.string("resourceType") ?? "";
  place.enter(/^[A-Za-z]{1,64}$/.test(type) ? type : "");
  return place;
}

/** Where a walk through a resource is: names and indexes from the root, made into FHIRPath only when something is to be said. */
export class Place {
  readonly #steps: (string | number)[] = [];

  enter(step: string | number): void {
    this.#steps.push(step);
  }

  leave(): void {
    this.#steps.pop();
  }

  /** The name of the element that it is in: `section` for `Bundle.entry[0].resource.section[2]`. */
  name(): string | undefined {
    const last = this.#steps.at(-1);
    const name = typeof last === "number" ? this.#steps.at(-2) : last;
    return typeof name === "string" ? name : undefined;
  }

  /** How many names and indexes lead here. */
  get depth(): number {
    return this.#steps.length;
  }

  /** Names and indexes from the root, as they are now. */
  steps(): readonly (string | number)[] {
    return [...this.#steps];
  }

  /** `Bundle.entry[0].resource.section[2].title` */
  expression(): string {
    return expressionOf(this.#steps);
  }

  /** That of the object which the element stands in: `Bundle.entry[0].resource.section[2]`. */
  owner(): string {
    return expressionOf(this.#steps.slice(0, -1));
  }
}

function expressionOf(steps: readonly (string | number)[]): string {
  return steps.reduce<string>((path, step) => (typeof step === "number" ? `${path}[${step}]` : path === "" ? step : `${path}.${step}`), "");
}
