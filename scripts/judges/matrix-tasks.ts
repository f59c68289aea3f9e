/** The signatures of fixtures/signatures/matrix as tasks for judges. */
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { certificateIn } from "../../test/core/signatures/matrix/certificate-in.ts";
import { cells, familyOf, FOLDER } from "../../test/core/signatures/matrix/cells.ts";
import type { Task } from "./task.ts";

/** @param folder where the tasks' files are written */
export function matrixTasks(folder: string): Task[] {
  const of = (name: string): string => resolve(FOLDER, name);
  const xml = readFileSync(of("document.xml"), "utf8");
  return cells().flatMap(({ maker, form, algorithm, data }, at) => {
    if (data === undefined) return [];
    const kind = familyOf(form);
    const file = join(folder, `${at}.signed`);
    const isEnveloped = form.includes("enveloped");
    const text = isEnveloped ? xml.replace("</Bundle>", `${data}</Bundle>`) : data;
    writeFileSync(file, kind === "cms" ? Buffer.from(data, "base64") : text);
    const signer = join(folder, `${at}.pem`);
    writeFileSync(signer, certificateIn(kind, data));
    const name = kind === "xml" ? "document.xml" : "document.json";
    const isWithin = /envelop|embedded|flattened|general/.test(form);
    const task = { id: [maker, form, algorithm].join(" | "), kind, file, name, signer, trusted: [of("root.pem")], revoked: of("root.crl") };
    return [isWithin ? task : { ...task, content: of(name) }];
  });
}
