/** Where a certificate says that it is told whether it was revoked: its issuer wrote them, and nothing says that they are harmless. */
import { fieldsOf } from "../crypto/certificate-fields.ts";
import { EXTENSION } from "../crypto/certificate-rules.ts";
import type { Certificate } from "../crypto/certificate.ts";
import { NAME_TAG, readGeneralName } from "../crypto/general-names.ts";
import { identifierIn, TAG, valuesIn } from "../crypto/read-der.ts";
import { distributionPointsOf } from "./revocation-list.ts";
import { attempt } from "./revocation-shelf.ts";

const OCSP = "1.3.6.1.5.5.7.48.1";

/** URIs of responders (authorityInfoAccess) and of lists (cRLDistributionPoints); none where they cannot be read. */
export function addressesOf(certificate: Certificate): { readonly answers: readonly string[]; readonly lists: readonly string[] } {
  return { answers: attempt(() => respondersOf(certificate)) ?? [], lists: attempt(() => listsOf(certificate)) ?? [] };
}

function respondersOf(certificate: Certificate): string[] {
  const access = fieldsOf(certificate).extensions.get(EXTENSION.informationAccess);
  if (access === undefined) return [];
  return valuesIn(access.value, TAG.sequence).flatMap((description) => {
    const [method, location] = valuesIn(description, TAG.sequence);
    return identifierIn(method) === OCSP && location?.tag === NAME_TAG.uri ? [readGeneralName(location).text] : [];
  });
}

function listsOf(certificate: Certificate): string[] {
  return distributionPointsOf(fieldsOf(certificate))
    .filter(({ isPartial, listIssuer }) => !isPartial && listIssuer === undefined)
    .flatMap(({ names }) => names.filter(({ tag }) => tag === NAME_TAG.uri).map(({ text }) => text));
}
