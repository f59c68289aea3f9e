import { fhirMediaTypeOf } from "../core/fhir/reading/fhir-media-type.ts";
import { treeOf } from "../core/fhir/tree/tree.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { submitBulk } from "./bulk/submit-bulk.ts";
import { EXIT, type Command } from "./command.ts";
import { depositAt, repositoryAt, toldDeposit } from "./deposit-call.ts";
import { eachFile } from "./each-file.ts";

export const submit: Command = {
  help: `chartulary submit [--url URL] [--token-file FILE] [--json] FILE...
chartulary submit --bulk [--url URL] [--token-file FILE] [--errors FILE] [--at-once N] [--from LINE] FILE|FOLDER|URL...

Deposits documents in a running repository. Sending a document again is harmless. A FILE may be JSON or XML, a folder
(all its .json, .xml and .p7m files) or - for standard input.

  --url URL          the repository (default: BASE_URL, else http://127.0.0.1 and PORT)
  --token-file FILE  file of the bearer token that lets us in; read anew for each document
  --json             one JSON line a file: {"file", "status", "location", "outcome": OperationOutcome}

With --bulk a FILE (.ndjson, also packed with gzip), standard input and what is fetched from a URL have one document
a line, and a folder has files of both kinds. Several are sent at once, in no order; while the repository is away or
has enough they are sent again, for ten minutes. Lines that cannot be read are told and passed over. However it ends,
running it again does what is left: what is there already is told quickly, and nothing is stored twice.

  --errors FILE      one JSON line for each that was not taken: {"file", "line", "status", "outcome"}
  --at-once N        documents under way at once (default 8)
  --from LINE        begins at that line of one FILE

Exit code: 0 all are deposited, 1 one was refused, 2 a file could not be opened or the repository not be reached.
`,
  options: {
    url: { type: "string" },
    "token-file": { type: "string" },
    json: { type: "boolean" },
    bulk: { type: "boolean" },
    errors: { type: "string" },
    "at-once": { type: "string" },
    from: { type: "string" },
  },
  takes: { least: 1, most: Infinity },

  run(given, tools) {
    if (given.isSet("bulk")) return submitBulk(given, tools);
    const { io, config } = tools;
    const call = { base: repositoryAt(given.text("url"), config), tokenFile: given.text("token-file") };
    return eachFile(given.files, io, async (file, bytes) => {
      const answer = await depositAt(call, bytes, fhirMediaTypeOf(bytes, file));
      const { status, location, outcome } = answer;
      await io.print(given.isSet("json") ? `${writeJson(treeOf({ file, status, location, outcome }))}\n` : toldDeposit(file, answer));
      return status < 300 ? EXIT.yes : status >= 500 ? EXIT.couldNot : EXIT.no;
    });
  },
};
