import type { Conformance } from "../conformance/conformance.ts";

/** Which versions a question wants, by the address of a code system or a value set (R4 valueset-operation-expand.html: `system-version`, `force-system-version`). */
export interface AskedVersions {
  /** Where none is said. */
  readonly usual: ReadonlyMap<string, string>;
  /** Whatever is said. */
  readonly forced: ReadonlyMap<string, string>;
}

export function withVersions({ usual, forced }: AskedVersions, conformance: Conformance): Conformance {
  if (usual.size === 0 && forced.size === 0) return conformance;
  const meant = (canonical: string): string => {
    const [url = "", said] = canonical.split("|");
    const version = forced.get(url) ?? said ?? usual.get(url);
    return version === undefined ? url : `${url}|${version}`;
  };
  return {
    ...conformance,
    codeSystem: (canonical, from) => conformance.codeSystem(meant(canonical), from),
    valueSet: (canonical, from) => conformance.valueSet(meant(canonical), from),
  };
}

/** Whether a version is one that is asked for: itself; any patch version of `1.5`; with `x` or `*` in the place of a number any number there; what SNOMED CT calls an edition asks for any version of it. */
export function isVersionAsked(version: string, asked: string): boolean {
  if (version === asked || asked === "*") return true;
  if (/^\d+\.\d+$/.test(asked)) return version.startsWith(`${asked}.`);
  const wanted = asked.split(".");
  if (!wanted.some((part) => WILD.test(part))) return version.startsWith(`${asked}/version/`);
  const parts = version.split(".");
  return (
    wanted.every((part, at) => (WILD.test(part) ? at === wanted.length - 1 || parts[at] !== undefined : part === parts[at])) &&
    parts.length <= Math.max(wanted.length, 3)
  );
}

const WILD = /^[xX*]$/;
