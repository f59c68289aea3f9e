/** Where a certificate says that it is told whether it was revoked: its issuer wrote them, and nothing says that they are harmless. */
import { fieldsOf } from "../crypto/certificate-fields.ts";
import { EXTENSION } from "../crypto/certificate-rules.ts";
import type { Certificate } from "../crypto/certificate.ts";
import { NAME_TAG, readGeneralName } from "../crypto/general-names.ts";
import { identifierIn, TAG, valuesIn } from "../crypto/read-der.ts";
import { distributionPointsOf, REASONS, type DistributionPoint } from "./distribution-points.ts";
import type { RevocationList } from "./revocation-list.ts";
import { attempt } from "./revocation-shelf.ts";

const OCSP = "1.3.6.1.5.5.7.48.1";

/** Addresses of what tells the same: one of them is enough. */
export type Alternatives = readonly string[];

export interface RevocationAddresses {
  /** URIs of responders (authorityInfoAccess). */
  readonly answers: Alternatives;
  /** Of lists (cRLDistributionPoints); those that tell of some reasons alone each by itself. */
  readonly lists: readonly Alternatives[];
  /** Of lists of changes (freshestCRL). */
  readonly changes: Alternatives;
}

/** None where they cannot be read. */
export function addressesOf(certificate: Certificate): RevocationAddresses {
  const placed = (which: "complete" | "freshest"): DistributionPoint[] => attempt(() => distributionPointsOf(fieldsOf(certificate), which)) ?? [];
  const points = placed("complete").filter(({ listIssuer }) => listIssuer === undefined);
  const lists = [
    points.filter(({ reasons }) => reasons === REASONS.all),
    ...points.filter(({ reasons }) => reasons !== REASONS.all).map((one) => [one]),
  ];
  return {
    answers: attempt(() => respondersOf(certificate)) ?? [],
    lists: lists.map(urisOf).filter(({ length }) => length > 0),
    changes: urisOf(placed("freshest")),
  };
}

/** Where a list says that lists of changes to it are. */
export function changesTo(list: RevocationList): Alternatives {
  return urisOf(attempt(() => distributionPointsOf(list, "freshest")) ?? []);
}

function respondersOf(certificate: Certificate): string[] {
  const access = fieldsOf(certificate).extensions.get(EXTENSION.informationAccess);
  if (access === undefined) return [];
  return valuesIn(access.value, TAG.sequence).flatMap((description) => {
    const [method, location] = valuesIn(description, TAG.sequence);
    return identifierIn(method) === OCSP && location?.tag === NAME_TAG.uri ? [readGeneralName(location).text] : [];
  });
}

function urisOf(points: readonly DistributionPoint[]): Alternatives {
  return points.flatMap(({ names }) => names.filter(({ tag }) => tag === NAME_TAG.uri).map(({ text }) => text));
}
