/** The manifest of an export that is written: what Bulk Data Access says of it, and what proves that it is whole. */
import { signManifest, type ExportedFile } from "../../../core/formats/export-manifest.ts";
import type { Keys } from "../../../core/crypto/keys.ts";
import type { Job } from "../../../jobs/job.ts";
import type { BulkEdition } from "./editions.ts";
import type { FileRole, KeptFile } from "./export-files.ts";
import type { ExportOrder } from "./export-order.ts";

export interface ManifestNeeds {
  readonly keys: Pick<Keys, "sealKeys">;
  /** Where a job is: an absolute address, without a slash at its end; its files are below it. */
  readonly jobAddress: (id: string) => string;
  /** Whether anybody may fetch a file who knows where it is: where there is no access control. */
  readonly isOpen: boolean;
  readonly bulkEdition: BulkEdition;
}

export interface WrittenExport {
  readonly job: Pick<Job, "id" | "url">;
  readonly order: ExportOrder;
  readonly files: readonly KeptFile[];
  /** By which the leaves lead to the checkpoint's root (`edgeOf`). */
  readonly edge: readonly Uint8Array[];
}

/** JSON, signed by the key that seals now. AppError `unavailable` while that is away. */
export async function manifestOf(
  { job, order, files, edge }: WrittenExport,
  { bulkEdition, isOpen, jobAddress, keys }: ManifestNeeds,
): Promise<string> {
  const now = new Date();
  const shown = ({ type, count, file: { name, length, sha256 } }: KeptFile): ExportedFile => ({
    ...{ type, count, length, url: `${jobAddress(job.id)}/${name}`, digest: `sha256:${sha256}` },
  });
  const of = (role: FileRole): ExportedFile[] => files.filter((one) => one.role === role).map(shown);
  const [leaves] = of("log");
  return signManifest(
    {
      transactionTime: order.at,
      ...(bulkEdition.hasRequest && { request: job.url }),
      requiresAccessToken: !isOpen,
      ...{ output: of("output"), outcomes: bulkEdition.outcomes, errors: of("error"), deleted: of("deleted") },
      log: {
        ...{ size: order.size, from: order.from, checkpoint: order.checkpoint },
        ...(leaves && { leaves: { url: leaves.url, digest: leaves.digest, length: leaves.length, edge } }),
      },
    },
    keys.sealKeys.signerAt(now),
    now,
  );
}
