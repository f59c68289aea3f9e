import { expect, test } from "@jest/globals";
import { removeFromExport } from "../../../../src/interactions/fhir/bulk/erased-exports.ts";
import { PartFiles, type SavedExport } from "../../../../src/interactions/fhir/bulk/export-files.ts";
import { MADE_PLACES, resourceNumber } from "../../../../src/search/resource-number.ts";
import type { JobFile, JobFiles } from "../../../../src/jobs/job-files.ts";

/** Files in memory, and which were read. */
class HeldFiles implements JobFiles {
  readonly files = new Map<string, Uint8Array>();
  readonly opened: string[] = [];

  write(name: string): ReturnType<JobFiles["write"]> {
    const pieces: Uint8Array[] = [];
    return {
      append: (bytes) => Promise.resolve(void pieces.push(bytes)),
      finish: () => {
        const bytes = Buffer.concat(pieces);
        this.files.set(name, bytes);
        return Promise.resolve({ name, place: name, length: bytes.length, sha256: "", crc32: 0, parts: [0] });
      },
    };
  }

  async *read({ name }: JobFile): AsyncGenerator<Uint8Array> {
    this.opened.push(name);
    yield await Promise.resolve(this.files.get(name) ?? new Uint8Array());
  }

  readPacked = (): AsyncIterable<Uint8Array> => this.read({ name: "", place: "", length: 0, sha256: "", crc32: 0, parts: [] });
  remove = ({ place }: Pick<JobFile, "place">): Promise<void> => Promise.resolve(void this.files.delete(place));
}

async function exported(files: JobFiles): Promise<SavedExport> {
  const all = [];
  for (const [part, entries] of [
    [1, [9, 8, 7]],
    [2, [6, 5, 4]],
  ] as const) {
    const writing = new PartFiles(files, part);
    for (const entry of entries)
      await writing.add("output", "Bundle", "{}", {
        documentId: `d${entry}`,
        type: "Bundle",
        path: "",
        number: resourceNumber(entry, MADE_PLACES.Bundle),
      });
    all.push(...(await writing.finish()));
  }
  return { part: 3, isAtEnd: true, files: all };
}

test("of an erased document the file that holds it goes, and no other is opened", async () => {
  const files = new HeldFiles();
  const saved = await exported(files);
  expect(saved.files.map(({ entered }) => entered)).toEqual([
    [7, 9],
    [4, 6],
  ]);
  await removeFromExport({ documentId: "d5", position: 5 }, { kind: "export", saved: JSON.stringify(saved) }, files);
  expect(files.opened).toEqual(["Bundle-2.places"]);
  expect([...files.files.keys()].sort()).toEqual(["Bundle-1.ndjson", "Bundle-1.places"]);
});

test("where it is not known what a file holds, or where a document was entered, all are looked through", async () => {
  for (const [position, isKept] of [
    [undefined, true],
    [5, false],
  ] as const) {
    const files = new HeldFiles();
    const saved = await exported(files);
    // As it was kept by programs that did not know it.
    const earlier = { ...saved, files: saved.files.map(({ entered, ...file }) => (isKept ? { ...file, entered } : file)) };
    await removeFromExport({ documentId: "d5", position }, { kind: "export", saved: JSON.stringify(earlier) }, files);
    expect(files.opened).toEqual(["Bundle-1.places", "Bundle-2.places"]);
    expect([...files.files.keys()].sort()).toEqual(["Bundle-1.ndjson", "Bundle-1.places"]);
  }
});
