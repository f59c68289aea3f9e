import { fhirMediaTypeOf } from "../core/fhir/reading/fhir-media-type.ts";
import { writeFile } from "node:fs/promises";
import { AppError } from "../core/errors.ts";
import { DEFAULT_READ_LIMITS } from "../core/fhir/reading/read-limits.ts";
import { presentFile } from "../pipeline/present-file.ts";
import { renderPresented } from "../interactions/commands/render-presented.ts";
import { policyOf } from "./policy.ts";
import { packagedProfiles } from "../pipeline/validate/profiles/packaged-profiles.ts";
import { createValidator } from "../pipeline/validate/validate.ts";
import { EXIT, type Command } from "./command.ts";
import { namedFile, readNamed } from "./files.ts";
import { issueReport } from "./report.ts";

export const render: Command = {
  help: `chartulary render FILE --to html|pdf [--paper a4|letter] [--packages DIR] [-o OUT]

Makes the page or the PDF of a document, as the repository would show it, without depositing it. FILE is JSON or XML, or -
for standard input.

  --to html|pdf      what to make
  --paper a4|letter  the paper of a PDF (default: PAPER, else a4)
  --policy NAME      strict (default), form, references, or the path of a policy file (docs/rules.md, Policy)
  --packages DIR     FHIR packages that it is held against besides (default: PACKAGES_DIR)
  -o, --output OUT   where to write it (default: standard output)

Exit code: 0 made, 1 FILE is no valid document, 2 it could not be made.
`,
  options: {
    to: { type: "string" },
    paper: { type: "string" },
    policy: { type: "string" },
    packages: { type: "string" },
    output: { type: "string", short: "o" },
  },
  takes: { least: 1, most: 1 },

  async run(given, { io, version, knowledge, config, openPages, openPdfEngine, openProfileSets }) {
    const to = given.text("to");
    if (to !== "html" && to !== "pdf") throw new AppError("unsupported", "--to must be html or pdf");
    const paper = given.text("paper") ?? config().paper ?? "a4";
    if (paper !== "a4" && paper !== "letter") throw new AppError("unsupported", "--paper must be a4 or letter");
    const file = given.files[0] as string;
    const bytes = await readNamed(namedFile(file, io));
    const sets = await openProfileSets(given.text("packages"));
    const validator = createValidator({ ...knowledge, policy: await policyOf(given.text("policy"), io), ...packagedProfiles(knowledge, sets) });
    const found = await presentFile(bytes, fhirMediaTypeOf(bytes, file), { limits: DEFAULT_READ_LIMITS, validator });
    if (found.kind === "refused") {
      io.tell(`${issueReport(file, found.issues, found.source)}chartulary render: ${file} is no valid document`);
      return EXIT.no;
    }
    const { pages, close } = await openPages(sets);
    const pdf = to === "pdf" ? await openPdfEngine() : undefined;
    try {
      const rendering = { pages, locale: "", engine: pdf, paper, software: `chartulary/${version}` } as const;
      const made = await renderPresented(found.presented, bytes, rendering);
      await write(made.pdf ?? made.view.html, given.text("output"), io.print);
      return EXIT.yes;
    } finally {
      await pdf?.close();
      await close();
    }
  },
};

async function write(made: string | Uint8Array, output: string | undefined, print: (made: string | Uint8Array) => Promise<void>): Promise<void> {
  if (output === undefined || output === "-") return print(made);
  await writeFile(output, made).catch((cause: unknown) => {
    throw new AppError("unavailable", `${output} could not be written (${(cause as NodeJS.ErrnoException).code ?? "unknown reason"})`, { cause });
  });
}
