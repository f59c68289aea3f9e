/** A command line, or a sentence about one or about a setting, as it may be written down: addresses without user and password, and those of databases without their options, in which secrets may stand. */
export function withoutSecrets(line: string): string {
  return line.replace(/(mongodb(?:\+srv)?:\/\/)(?:[^?\s]*@)?([^?\s]*)\S*/g, "$1$2").replace(/([a-z][a-z0-9+.-]*:\/\/)[^/\s]*@/gi, "$1");
}
