/** The time-stamp of an XML seal: by when the seal was there, and who says so. Without trust in whoever says so, it proves nothing. */
import { checkTimeStamp } from "../../core/cms/check-time-stamp.ts";
import { assessStamp } from "../../core/cms/proven-time.ts";
import { SIGNATURE_LIMITS } from "../../core/crypto/signature-limits.ts";
import type { Trust } from "../../core/formats/trust.ts";
import type { XmlSealFacts } from "../../core/signatures/xml-seal.ts";
import type { CheckedTime } from "./pdf-time.ts";
import type { VerificationCheck } from "./report.ts";

/** A line about it; undefined where it has none. */
export async function sealTimeLine({ timeStamp, sealedAt }: XmlSealFacts, trust: Trust | undefined): Promise<CheckedTime | undefined> {
  if (timeStamp === undefined) return undefined;
  const checked = await assessStamp(await checkTimeStamp(timeStamp.token, timeStamp.stamped), trust?.timeAuthorities);
  if (checked.kind === "invalid") return told("fail", `The time-stamp does not fit the XML seal: ${checked.reason}.`);
  if (checked.kind === "unsupported") return told("not-made", `The time-stamp of the XML seal was not checked: ${checked.reason}.`);
  const { name } = checked;
  const { at } = checked.stamp;
  const moment = at.toISOString();
  // The seal counts without it: a trust file from before there was an authority makes nothing of it doubtful.
  if (checked.kind === "claimed")
    return told("info", `The time-stamp of the XML seal says ${moment}, by ${name}, which proves nothing: ${checked.reason}.`);
  if (Date.parse(sealedAt) - SIGNATURE_LIMITS.clockSkew > at.getTime())
    return told("fail", `The XML seal says that it was made later than ${name} had seen it: at ${moment}.`);
  return { ...told("pass", `The XML seal was there by ${moment}: ${name}, a time-stamp authority of the trust file, says so.`), provenAt: at };
}

function told(result: VerificationCheck["result"], text: string): CheckedTime {
  return { line: { name: "seal", result, text } };
}
