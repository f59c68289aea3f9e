import { describe, expect, test } from "@jest/globals";
import { certificateState, parseCertificate, subjectNameOf } from "../../../src/core/crypto/certificate.ts";
import { person } from "./people.ts";

const NOW = new Date("2026-03-14T09:00:00Z");
const root = person("Test root", { isAuthority: true });
const intermediate = person("Test intermediate", { by: root, isAuthority: true });
const doctor = person("Dr A. Meyer", { by: intermediate });

function state(
  people: readonly { certificate: typeof root.certificate }[],
  anchors: readonly { certificate: typeof root.certificate }[],
  moment = NOW,
) {
  return certificateState(
    people.map(({ certificate }) => certificate),
    anchors.map(({ certificate }) => certificate),
    moment,
  );
}

describe("certificateState", () => {
  test("a certificate on the list itself is trusted", () => {
    expect(state([doctor], [doctor])).toBe("trusted");
    expect(state([person("Self")], [doctor])).toBe("not-trusted");
  });

  test("one that leads to the list by authorities is trusted, with the way shown or listed", () => {
    expect(state([doctor, intermediate], [root])).toBe("trusted");
    expect(state([doctor, intermediate, root], [root])).toBe("trusted");
    expect(state([doctor], [intermediate])).toBe("trusted");
    expect(state([doctor], [root, intermediate])).toBe("trusted");
    expect(state([doctor], [root])).toBe("not-trusted");
  });

  test("one that was issued by somebody who is no authority is not", () => {
    const friend = person("Friend", { by: doctor });
    expect(state([friend, doctor, intermediate], [root])).toBe("not-trusted");
    expect(state([friend], [doctor])).toBe("not-trusted");
  });

  test("an authority of the same name with another key is another authority", () => {
    const impostor = person("Test intermediate", { isAuthority: true });
    const forged = person("Dr A. Meyer", { by: impostor });
    expect(state([forged, impostor], [root])).toBe("not-trusted");
    expect(state([forged, intermediate], [root])).toBe("not-trusted");
    expect(state([forged], [intermediate])).toBe("not-trusted");
  });

  test("outside of the period of one on the way it is expired", () => {
    const brief = person("Brief", { by: intermediate, validFrom: new Date("2025-01-01"), validTo: new Date("2026-01-01") });
    expect(state([brief, intermediate], [root])).toBe("expired");
    expect(state([brief, intermediate], [root], new Date("2025-06-01"))).toBe("trusted");
    expect(state([brief, intermediate], [root], new Date("2024-12-31"))).toBe("expired");
    const lapsed = person("Lapsed", { by: root, isAuthority: true, validTo: new Date("2026-01-01") });
    expect(state([person("Late", { by: lapsed }), lapsed], [root])).toBe("expired");
    expect(state([doctor], [doctor], new Date(Number.NaN))).toBe("expired");
  });

  test("a chain that goes in circles or has nobody in it comes to an end", () => {
    expect(state([], [root])).toBe("not-trusted");
    expect(state([doctor, intermediate, intermediate, doctor, intermediate], [])).toBe("not-trusted");
  });
});

describe("parseCertificate", () => {
  test("reads PEM and DER, and the name of the subject", () => {
    expect(subjectNameOf(parseCertificate(doctor.certificate.toString()))).toBe("Dr A. Meyer");
    expect(subjectNameOf(parseCertificate(doctor.certificate.raw))).toBe("Dr A. Meyer");
    expect(subjectNameOf(person('Ä. "M" Özil, MD + Łódź').certificate)).toBe('Ä. "M" Özil, MD + Łódź');
    expect(() => parseCertificate("-----BEGIN")).toThrow(expect.objectContaining({ code: "malformed" }));
  });
});
