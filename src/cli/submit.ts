import { fhirMediaTypeOf } from "../core/fhir/reading/fhir-media-type.ts";
import { AppError } from "../core/errors.ts";
import { treeOf } from "../core/fhir/tree/tree.ts";
import { readJson } from "../core/fhir/json/read-json.ts";
import { writeJson } from "../core/fhir/json/write-json.ts";
import { DEFAULT_READ_LIMITS } from "../core/fhir/reading/read-limits.ts";
import { SourceText } from "../core/fhir/reading/source-text.ts";
import { EXIT, type Command } from "./command.ts";
import { eachFile } from "./each-file.ts";

export const submit: Command = {
  help: `chartulary submit [--url URL] [--json] FILE...

Deposits documents in a running repository. Sending a document again is harmless. A FILE may be JSON or XML, a folder
(all its .json, .xml and .p7m files) or - for standard input.

  --url URL  the repository (default: BASE_URL, else http://127.0.0.1 and PORT)
  --json     one JSON line a file: {"file", "status", "location", "outcome": OperationOutcome}

Exit code: 0 all are deposited, 1 one was refused, 2 a file could not be opened or the repository not be reached.
`,
  options: { url: { type: "string" }, json: { type: "boolean" } },
  takes: { least: 1, most: Infinity },

  run(given, { io, config }) {
    const base = baseOf(given.text("url"), config);
    return eachFile(given.files, io, async (file, bytes) => {
      const answer = await send(base, bytes, fhirMediaTypeOf(bytes, file));
      const text = await answer.text();
      const location = answer.headers.get("location") ?? undefined;
      const outcome = readJson(new SourceText(text), DEFAULT_READ_LIMITS).resource;
      if (given.isSet("json")) await io.print(`${writeJson(treeOf({ file, status: answer.status, location, outcome }))}\n`);
      else
        await io.print(
          `${file}: ${VERDICTS[answer.status] ?? `answered ${answer.status}`}${location === undefined ? "" : ` ${location}`}\n${reasons(outcome)}`,
        );
      return answer.ok ? EXIT.yes : answer.status >= 500 ? EXIT.couldNot : EXIT.no;
    });
  },
};

const VERDICTS: Readonly<Record<number, string>> = {
  200: "was deposited before:",
  201: "deposited:",
  400: "refused: it can't be read",
  409: "refused: its identifier is taken",
  413: "refused: it is too large",
  422: "refused: it is not valid",
  503: "not deposited: the repository takes nothing now",
};

function baseOf(url: string | undefined, config: () => { readonly baseUrl: string | undefined; readonly port: number }): string {
  if (url === undefined) {
    const { baseUrl, port } = config();
    return baseUrl ?? `http://127.0.0.1:${port}`;
  }
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? "")) throw new AppError("unsupported", `--url must be an http or https address, not ${url}`);
  return url.replace(/\/+$/, "").replace(/\/fhir$/, "");
}

async function send(base: string, bytes: Uint8Array, mediaType: string): Promise<Response> {
  const headers = { "Content-Type": mediaType, Accept: "application/fhir+json", Prefer: "return=OperationOutcome" };
  try {
    return await fetch(`${base}/fhir/Bundle`, { method: "POST", body: bytes as Uint8Array<ArrayBuffer>, headers, redirect: "error" });
  } catch (cause) {
    const reason = cause instanceof Error && cause.cause instanceof Error && "code" in cause.cause ? String(cause.cause.code) : "no answer";
    throw new AppError("unavailable", `${base} can't be reached (${reason})`, { cause });
  }
}

/** What an OperationOutcome says, each issue in a line. */
function reasons(outcome: ReturnType<typeof readJson>["resource"]): string {
  const issues = outcome?.objects("issue").filter((issue) => issue.string("severity") !== "information") ?? [];
  return issues.map((issue) => `    ${issue.string("severity") ?? ""}: ${issue.object("details")?.string("text") ?? ""}${placeOf(issue)}\n`).join("");
}

function placeOf(issue: NonNullable<ReturnType<typeof readJson>["resource"]>): string {
  const place = issue.string("diagnostics");
  return place === undefined ? "" : ` (${place})`;
}
