/** Deposits in a running repository, over HTTP: what `submit` sends, and what it is answered. */
import { readFile } from "node:fs/promises";
import { AppError } from "../core/errors.ts";
import { readJson } from "../core/fhir/json/read-json.ts";
import { DEFAULT_READ_LIMITS } from "../core/fhir/reading/read-limits.ts";
import { SourceText } from "../core/fhir/reading/source-text.ts";
import { waitTold } from "../core/retry-after.ts";
import type { DocumentMediaType } from "../pipeline/document-forms.ts";
import { unreadable } from "./files.ts";

/** What a repository answered to a document. */
export interface DepositAnswer {
  readonly status: number;
  readonly location: string | undefined;
  readonly outcome: ReturnType<typeof readJson>["resource"];
  /** Seconds after which it wants to be asked again. */
  readonly retryAfter: number | undefined;
}

export interface DepositCall {
  /** The repository's address. */
  readonly base: string;
  /** File of the bearer token that lets us in: read anew for each document, as tokens end. */
  readonly tokenFile: string | undefined;
}

/** The repository that a command line names. AppError `unsupported` for what is no address. */
export function repositoryAt(url: string | undefined, config: () => { readonly baseUrl: string | undefined; readonly port: number }): string {
  if (url === undefined) {
    const { baseUrl, port } = config();
    return baseUrl ?? `http://127.0.0.1:${port}`;
  }
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? "")) throw new AppError("unsupported", `--url must be an http or https address, not ${url}`);
  return url.replace(/\/+$/, "").replace(/\/fhir$/, "");
}

/** Sends one document. AppError `unavailable` where the repository can't be reached, `not-found` for a token file that can't be read. */
export async function depositAt({ base, tokenFile }: DepositCall, bytes: Uint8Array, mediaType: DocumentMediaType): Promise<DepositAnswer> {
  const token = tokenFile === undefined ? undefined : await tokenIn(tokenFile);
  const headers = {
    ...{ "Content-Type": mediaType, Accept: "application/fhir+json", Prefer: "return=OperationOutcome" },
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
  };
  try {
    const answer = await fetch(`${base}/fhir/Bundle`, { method: "POST", body: bytes as Uint8Array<ArrayBuffer>, headers, redirect: "error" });
    const text = await answer.text();
    const wait = waitTold(answer.headers.get("retry-after"));
    return {
      status: answer.status,
      location: answer.headers.get("location") ?? undefined,
      outcome: readJson(new SourceText(text), DEFAULT_READ_LIMITS).resource,
      retryAfter: wait === undefined ? undefined : wait / 1_000,
    };
  } catch (cause) {
    const reason = cause instanceof Error && cause.cause instanceof Error && "code" in cause.cause ? String(cause.cause.code) : "no answer";
    throw new AppError("unavailable", `${base} can't be reached (${reason})`, { cause });
  }
}

async function tokenIn(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw unreadable(file, cause);
  });
  return text.trim();
}

const VERDICTS: Readonly<Record<number, string>> = {
  200: "was deposited before:",
  201: "deposited:",
  400: "refused: it can't be read",
  401: "refused: the repository asks who sends it (--token-file)",
  403: "refused: it may not be deposited",
  409: "refused: its identifier is taken",
  410: "refused: it was deposited, and erased since",
  413: "refused: it is too large",
  422: "refused: it is not valid",
  429: "not deposited: too many requests",
  503: "not deposited: the repository takes nothing now",
};

/** What became of a document, in a line for people, and why in lines below it. */
export function toldDeposit(name: string, { status, location, outcome }: DepositAnswer): string {
  const verdict = VERDICTS[status] ?? `answered ${status}`;
  return `${name}: ${verdict}${location === undefined ? "" : ` ${location}`}\n${reasons(outcome)}`;
}

/** What an OperationOutcome says, each issue in a line. */
function reasons(outcome: DepositAnswer["outcome"]): string {
  const issues = outcome?.objects("issue").filter((issue) => issue.string("severity") !== "information") ?? [];
  return issues.map((issue) => `    ${issue.string("severity") ?? ""}: ${issue.object("details")?.string("text") ?? ""}${placeOf(issue)}\n`).join("");
}

function placeOf(issue: NonNullable<DepositAnswer["outcome"]>): string {
  const place = issue.string("diagnostics");
  return place === undefined ? "" : ` (${place})`;
}
