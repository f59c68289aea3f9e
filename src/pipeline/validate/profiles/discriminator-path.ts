import { FhirPathNode } from "../../../core/fhir/fhirpath/node.ts";
import type { JsonObject } from "../../../core/fhir/tree/tree.ts";
import { childrenOf } from "./children.ts";
import type { Asking, Step } from "./plan.ts";

/*
 * The paths of discriminators (R4 profiling.html, Discriminator): names of elements, `$this`, `extension('url')`, `ofType(Type)` and `resolve()`, nothing else of FHIRPath.
 */

const PART = /^(?:(?<name>[A-Za-z][A-Za-z0-9]*)(?:\[x\])?|(?<call>resolve|extension|ofType|as)\((?<given>[^()]*)\))$/;

/** The steps of a path; undefined when it is none. */
export function parsePath(path: string): readonly Step[] | undefined {
  const steps: Step[] = [];
  for (const part of parted(path.trim())) {
    if (part === "$this") continue;
    const { name, call, given = "" } = PART.exec(part)?.groups ?? {};
    const quoted = /^\s*'([^']*)'\s*$/.exec(given)?.[1];
    if (name !== undefined) steps.push({ kind: "child", name });
    else if (call === "resolve" && given.trim() === "") steps.push({ kind: "resolve" });
    else if (call === "extension" && quoted !== undefined) steps.push({ kind: "extension", url: quoted });
    else if ((call === "ofType" || call === "as") && given !== "") steps.push({ kind: "type", type: given.trim().replace(/^FHIR\./, "") });
    else return undefined;
  }
  return steps;
}

/** The parts between the points, but for those within brackets. `(value as Quantity)` is `value.ofType(Quantity)`. */
function parted(path: string): string[] {
  const plain = path.replace(/\(\s*([A-Za-z.]+)\s+as\s+([A-Za-z.]+)\s*\)/g, "$1.ofType($2)");
  const parts: string[] = [];
  let [depth, from] = [0, 0];
  for (let at = 0; at <= plain.length; at++) {
    const sign = plain[at];
    if (sign === "(") depth++;
    else if (sign === ")") depth--;
    else if (at === plain.length || (sign === "." && depth === 0)) {
      parts.push(plain.slice(from, at));
      from = at + 1;
    }
  }
  return parts;
}

/** What stands at the end of a path. */
export interface Reached {
  readonly nodes: readonly FhirPathNode[];
  /** Whether something that it leads through is not here. */
  readonly isOpen: boolean;
}

const NOTHING: readonly FhirPathNode[] = [];

export function reach(from: FhirPathNode, steps: readonly Step[], asking: Asking): Reached {
  let nodes: readonly FhirPathNode[] = [from];
  let isOpen = false;
  for (const step of steps) {
    const next: FhirPathNode[] = [];
    for (const node of nodes) {
      if (step.kind === "resolve") {
        const { node: target, type } = asking.leadsTo(node);
        // Of what is not here the type may be known, and nothing else.
        if (target) next.push(target);
        else if (type !== undefined) next.push(new FhirPathNode(type, undefined, undefined, undefined));
        if (!target) isOpen = true;
      } else next.push(...stepped(node, step, asking));
    }
    nodes = next;
  }
  return { nodes, isOpen };
}

function stepped(node: FhirPathNode, step: Exclude<Step, { kind: "resolve" }>, { definitions }: Asking): readonly FhirPathNode[] {
  if (step.kind === "type") return node.type === step.type ? [node] : NOTHING;
  const children = childrenOf({ node, offset: 0 }, step.kind === "child" ? step.name : "extension", definitions).map((spot) => spot.node);
  return step.kind === "child" ? children : children.filter(({ value }) => (value as JsonObject).get("url") === step.url);
}
