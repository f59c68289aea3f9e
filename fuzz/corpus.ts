/** What is mutated: documents of our own, valid, broken and hostile, and those of others where their folder is at hand. */
import { globSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import type { FhirMediaType } from "../src/pipeline/document-forms.ts";

export interface Sample {
  readonly name: string;
  readonly bytes: Buffer;
  readonly mediaType: FhirMediaType;
}

const PROJECT = join(import.meta.dirname, "..");

/** In the order of names, so that a seed means the same inputs on every machine that has the same files. */
export interface CorpusOptions {
  /** A folder of others' resources, searched at all depths; left out where it does not exist. */
  readonly cases?: string;
  /** Larger files are left out: what breaks a reader breaks it in a small file too, and a run gets through many more of these. */
  readonly maxBytes: number;
}

/** All samples. */
export function readCorpus({ cases, maxBytes }: CorpusOptions): Sample[] {
  const folders = ["fixtures/documents", "fixtures/hostile"].map((folder) => join(PROJECT, folder));
  if (cases !== undefined) folders.push(cases);
  return folders.flatMap((folder) => filesIn(folder, maxBytes)).map(sampleOf);
}

function filesIn(folder: string, maxBytes: number): string[] {
  return globSync("**/*.{json,xml}", { cwd: folder })
    .map((name) => join(folder, name))
    .filter((file) => {
      const stat = statSync(file);
      return stat.isFile() && stat.size > 0 && stat.size <= maxBytes;
    })
    .sort();
}

function sampleOf(file: string): Sample {
  const mediaType = file.endsWith(".xml") ? "application/fhir+xml" : "application/fhir+json";
  return { name: relative(PROJECT, file), bytes: readFileSync(file), mediaType };
}
