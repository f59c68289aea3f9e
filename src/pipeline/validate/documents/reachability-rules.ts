import type { DocumentBundle } from "../../../core/fhir/document-bundle.ts";
import type { Findings } from "../findings.ts";
import { shown } from "../shown.ts";
import type { EntryLinks } from "./entry-links.ts";
import { stylesheetsOf } from "./stylesheets.ts";

/**
 * A document includes only what its Composition refers to, directly or not, stylesheets, and Provenance about what it includes (R4 documents.html, 3.3.1). An
 * entry that is reachable only by following links backward is a warning, as it is to HL7's validator; one that is not connected at all is an error.
 */
export function checkReachability(document: DocumentBundle, { forward }: EntryLinks, findings: Findings): void {
  const fromComposition = reach(document.composition.index, forward);
  const stylesheets = stylesheetsOf(document);
  const lost = document.entries.filter((entry) => !fromComposition.has(entry.index) && !stylesheets.has(entry));
  if (lost.length === 0) return;
  const connected = reach(document.composition.index, bothWays(forward));
  for (const entry of lost) {
    const name = shown(entry.fullUrl ?? `${entry.type}/${entry.id ?? ""}`);
    const expression = `Bundle.entry[${entry.index}]`;
    if (!connected.has(entry.index))
      findings.add({
        rule: "entry-unreachable",
        text: `${name} can't be reached from the Composition by any link, forward or backward: refer to it, or remove it.`,
        expression,
        offset: entry.offset,
      });
    else if (entry.type !== "Provenance")
      findings.add({
        rule: "entry-reverse-link",
        text: `${name} can't be reached from the Composition by following references forward; R4 allows that for Provenance alone.`,
        expression,
        offset: entry.offset,
      });
  }
}

type Links = readonly (readonly number[] | undefined)[];

function bothWays(forward: Links): Links {
  const both: number[][] = [];
  forward.forEach((targets, from) => {
    for (const target of targets ?? []) {
      (both[from] ??= []).push(target);
      (both[target] ??= []).push(from);
    }
  });
  return both;
}

function reach(start: number, links: Links): Set<number> {
  const reached = new Set([start]);
  const waiting = [start];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const next of links[at] ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      waiting.push(next);
    }
  }
  return reached;
}
