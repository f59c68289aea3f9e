/** The time-stamp of an XML seal: by when the seal was there, and who says so. Without trust in whoever says so, it proves nothing. */
import { checkTimeStamp } from "../../core/cms/check-time-stamp.ts";
import { assessStamp } from "../../core/cms/proven-time.ts";
import type { Certificate } from "../../core/crypto/certificate.ts";
import { SIGNATURE_LIMITS } from "../../core/crypto/signature-limits.ts";
import type { Trust } from "../../core/formats/trust.ts";
import type { XmlSealFacts } from "../../core/signatures/xml-seal.ts";
import type { SealTime } from "../../core/signatures/signature-check.ts";
import type { VerificationCheck } from "./report.ts";

/** A line about it; undefined where it has none. */
export async function sealTimeLine(facts: XmlSealFacts, trust: Trust | undefined): Promise<VerificationCheck | undefined> {
  const time = await sealTimeOf(facts, trust?.timeAuthorities);
  return time && { name: "seal", result: time.result, text: time.text };
}

/** @param authorities undefined: no trust file is at hand */
export async function sealTimeOf(
  { timeStamp, sealedAt }: XmlSealFacts,
  authorities: readonly Certificate[] | undefined,
): Promise<SealTime | undefined> {
  if (timeStamp === undefined) return undefined;
  const checked = await assessStamp(await checkTimeStamp(timeStamp.token, timeStamp.stamped), authorities);
  if (checked.kind === "invalid") return { result: "fail", text: `The time-stamp does not fit the XML seal: ${checked.reason}.` };
  if (checked.kind === "unsupported") return { result: "not-made", text: `The time-stamp of the XML seal was not checked: ${checked.reason}.` };
  const { name } = checked;
  const { at } = checked.stamp;
  const moment = at.toISOString();
  const says = { at: moment, by: name };
  // The seal counts without it: a trust file from before there was an authority makes nothing of it doubtful.
  if (checked.kind === "claimed")
    return { says, result: "info", text: `The time-stamp of the XML seal says ${moment}, by ${name}, which proves nothing: ${checked.reason}.` };
  if (Date.parse(sealedAt) - SIGNATURE_LIMITS.clockSkew > at.getTime())
    return { says, result: "fail", text: `The XML seal says that it was made later than ${name} had seen it: at ${moment}.` };
  return { says, result: "pass", text: `The XML seal was there by ${moment}: ${name}, a time-stamp authority of the trust file, says so.` };
}
