/** The audit from outside: what anybody can check who has no access to the machine, of the log's tiles and of receipts alone. A part of the composition root. */
import { readFile } from "node:fs/promises";
import type { AuditTold, Audited } from "../cli/command.ts";
import { boundedBytes } from "../core/bounded-bytes.ts";
import { AppError } from "../core/errors.ts";
import { parseTrust } from "../core/formats/trust.ts";
import { auditRemote, type RemoteAnswer } from "../pipeline/audit/audit-remote.ts";
import { codeOf } from "./surroundings.ts";

/** Milliseconds for one answer. */
const PATIENCE = 30_000;
const ATTEMPTS = 5;
/** Bytes of one answer: a tile of entries, a receipt or a trust file has a hundredth of it. */
const LARGEST = 16 * 1024 * 1024;

export async function auditFrom(
  url: string,
  { against, trustFile, told }: { readonly against: readonly string[]; readonly trustFile: string | undefined; readonly told: AuditTold },
): Promise<Audited> {
  const { get } = remoteAt(url);
  const trust =
    trustFile === undefined
      ? textOf(await get("/trust.json"))
      : await readFile(trustFile, "utf8").catch((cause: unknown) => {
          throw new AppError("invalid", `--trust ${trustFile} can't be read`, { cause });
        });
  const { findings, ...facts } = await auditRemote({ get, trust: parseTrust(trust), against, onProgress: told.onProgress });
  return { ...facts, findings: findings.kept, count: findings.count };
}

/** A repository elsewhere. AppError `invalid` for what is no address. */
export function remoteAt(url: string): { get(path: string): Promise<RemoteAnswer> } {
  const base = URL.parse(url);
  if (!base || !/^https?:$/.test(base.protocol)) throw new AppError("invalid", `${url} is no http or https address`);
  const address = base.href.replace(/\/$/, "").replace(/\/fhir$/, "");
  return { get: (path) => fetchPatiently(address + path) };
}

/** The text of a trust file that was asked for. */
export function textOf({ status, bytes }: RemoteAnswer): string {
  if (status !== 200) throw new AppError("unavailable", `/trust.json was answered with ${status}`);
  return new TextDecoder().decode(bytes);
}

/** Waits where it is asked to (429, 503). AppError `unavailable` when nobody answers. */
async function fetchPatiently(address: string): Promise<RemoteAnswer> {
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await fetch(address, { headers: { Accept: "*/*" }, redirect: "error", signal: AbortSignal.timeout(PATIENCE) });
      const bytes = await boundedBytes(
        (response.body ?? []) as AsyncIterable<Uint8Array>,
        LARGEST,
        `${address} answers with more than belongs there`,
      );
      if ((response.status !== 429 && response.status !== 503) || attempt === ATTEMPTS) return { status: response.status, bytes };
      const seconds = Number(response.headers.get("retry-after") ?? "1");
      await new Promise((resolve) => setTimeout(resolve, Math.min(10, Number.isFinite(seconds) ? seconds : 1) * 1_000));
    } catch (cause) {
      // Whoever sends too much once will again.
      if (cause instanceof AppError) throw cause;
      if (attempt === ATTEMPTS)
        throw new AppError("unavailable", `${address} can't be reached (${codeOf(cause instanceof Error ? cause.cause : cause)})`, { cause });
      await new Promise((resolve) => setTimeout(resolve, 200 * attempt));
    }
  }
}
