import { AppError } from "../../errors.ts";
import type { Origin } from "../conformance/conformance.ts";
import { R4_CORE, type PackageFacts } from "./compiled-set.ts";
import { isFields, present, textOf, textsOf, type Fields } from "./fields.ts";

const NAME = /^[a-z0-9][a-z0-9._-]{0,99}$/;
const VERSION = /^[A-Za-z0-9][A-Za-z0-9.+_-]{0,63}$/;
const MOST_DEPENDENCIES = 500;
const LONGEST = 500;

/**
 * What a package.json says. Names are kept in lower case, as registries do: some packages call others with capitals (KBV.Basis).
 *
 * @throws AppError `malformed` where it names no package; `unsupported` where that is of another FHIR than R4
 */
export function packageFacts(about: Fields): PackageFacts {
  const name = textOf(about["name"])?.toLowerCase() ?? "";
  const version = textOf(about["version"]) ?? "";
  if (!NAME.test(name) || !VERSION.test(version)) throw new AppError("malformed", "it is no FHIR package: its package.json has no name and version");
  const made = [about["fhirVersions"], about["fhir-version-list"]].flatMap(textsOf);
  if (made.length > 0 && !made.some((one) => one.startsWith("4.0")))
    throw new AppError("unsupported", `${name}#${version} is made for FHIR ${made.map((one) => one.slice(0, 20)).join(", ")}, not for R4 (4.0.1)`);
  const words = present({ title: textOf(about["title"])?.slice(0, LONGEST), license: licenseOf(about["license"]) });
  return { name, version, dependencies: dependenciesOf(about["dependencies"]), ...words };
}

/** The parts of `hl7.fhir.uv.ips#1.1.0`; undefined where it is none. */
export function originNamed(text: string): Origin | undefined {
  const [name = "", version = "", ...more] = text.split("#");
  return more.length === 0 && NAME.test(name.toLowerCase()) && VERSION.test(version) ? { name: name.toLowerCase(), version } : undefined;
}

/** An alias (`"v610": "npm:hl7.fhir.us.core@6.1.0"`, or `"v610@npm:hl7.fhir.us.core": "6.1.0"`) is the package that it stands for. */
function dependenciesOf(dependencies: unknown): readonly Origin[] {
  if (!isFields(dependencies)) return [];
  return Object.entries(dependencies)
    .slice(0, MOST_DEPENDENCIES)
    .flatMap(([key, value]) => {
      const alias = /^npm:([^@]+)@(.+)$/.exec(textOf(value) ?? "");
      const name = (alias?.[1] ?? key.replace(/^.*@npm:/, "")).toLowerCase();
      const version = alias?.[2] ?? textOf(value) ?? "";
      return NAME.test(name) && VERSION.test(version) && name !== R4_CORE.name ? [{ name, version }] : [];
    });
}

/** Text, or the form that npm had before: `{"type": "MIT"}`. */
function licenseOf(license: unknown): string | undefined {
  return textOf(isFields(license) ? license["type"] : license)?.slice(0, LONGEST);
}
