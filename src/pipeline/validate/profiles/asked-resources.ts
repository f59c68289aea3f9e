import type { Definitions, PropertyDefinition } from "../../../core/fhir/r4/definitions.ts";
import type { Extensions } from "../../../core/fhir/r4/extensions.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import type { Findings } from "../findings.ts";
import type { Place } from "../place.ts";
import { profilesAsked, type ProfileAsked } from "../profiles.ts";
import { ExtensionContexts } from "./extension-contexts.ts";
import { checkExtensionPlace } from "./extension-places.ts";
import type { OtherProfile } from "./other-profiles.ts";

/** A resource that the first walk met. */
export interface MetResource {
  readonly resource: JsonObject;
  readonly place: readonly (string | number)[];
  readonly isContained: boolean;
  /** Those that it stands in, from the root. */
  readonly within: readonly JsonObject[];
}

/** A resource with the profiles that it is to be held against in the second walk. */
export interface AskedResource extends MetResource {
  readonly asked: readonly ProfileAsked[];
}

/** An extension that a package defines, to be held against its definition. */
export interface AskedExtension {
  readonly extension: JsonObject;
  readonly definition: OtherProfile;
  readonly place: readonly (string | number)[];
  readonly offset: number;
  /** The innermost resource that it stands in. */
  readonly home: MetResource;
}

/** Finds the definition of an extension in the packages that are in force. */
export type FindExtension = (url: string) => OtherProfile | undefined;

interface Open {
  readonly resource: JsonObject;
  /** How many steps lead to it. */
  readonly depth: number;
  readonly isContained: boolean;
  met: MetResource | undefined;
}

/** Gathers in the first walk what the second one is asked for: it can't begin before, since profiles ask about all that a resource refers to. */
export class AskedResources {
  readonly list: AskedResource[] = [];
  readonly extensions: AskedExtension[] = [];
  readonly #findings: Findings;
  readonly #definitions: Definitions;
  readonly #core: Extensions;
  readonly #find: FindExtension | undefined;
  readonly #contexts: ExtensionContexts;
  readonly #open: Open[] = [];

  /** @param find undefined where there are no packages: then extensions cost nothing */
  constructor(findings: Findings, definitions: Definitions, core: Extensions, find: FindExtension | undefined) {
    this.#findings = findings;
    this.#definitions = definitions;
    this.#core = core;
    this.#find = find;
    this.#contexts = new ExtensionContexts(definitions);
  }

  enterResource(resource: JsonObject, place: Place): void {
    const asked = profilesAsked(resource, place, this.#findings, this.#definitions);
    const isContained = place.name() === "contained";
    if (asked.length > 0) this.list.push({ resource, place: place.steps(), isContained, within: this.#resources(), asked });
    this.#open.push({ resource, depth: place.depth, isContained, met: undefined });
  }

  leaveResource(resource: JsonObject): void {
    if (this.#open.at(-1)?.resource === resource) this.#open.pop();
  }

  /**
   * The extensions of an object that packages define: whether they may stand there is told at once, what they hold in the second walk. R4's own are judged by R4 (extension-rules.ts).
   * @param property that of the object, or of the primitive that it stands beside; undefined for a resource
   */
  meetExtensions(object: JsonObject, property: PropertyDefinition | undefined, place: Place): void {
    const open = this.#open.at(-1);
    if (this.#find === undefined || open === undefined) return;
    for (const name of ["extension", "modifierExtension"])
      for (const [index, extension] of object.objects(name).entries()) {
        const [url = ""] = extension.string("url")?.split("|", 1) ?? [];
        if (url === "" || this.#core.extensionDefinition(url)) continue;
        const definition = this.#find(url);
        if (!definition) continue;
        const steps = place.steps();
        const way = steps.slice(open.depth);
        const names = way.filter((step) => typeof step === "string");
        const path = [open.resource.string("resourceType") ?? "", ...names].join(".");
        const at = [...steps, name, index];
        const home = { object, property, path, way, place, within: this.#resources() };
        checkExtensionPlace(definition, extension, at, home, this.#findings, this.#contexts);
        this.extensions.push({ extension, definition, place: at, offset: extension.offset, home: this.#met(open, steps) });
      }
  }

  #met(open: Open, steps: readonly (string | number)[]): MetResource {
    const { resource, depth, isContained } = open;
    return (open.met ??= { resource, place: steps.slice(0, depth), isContained, within: this.#resources().slice(0, -1) });
  }

  #resources(): readonly JsonObject[] {
    return this.#open.map(({ resource }) => resource);
  }
}
