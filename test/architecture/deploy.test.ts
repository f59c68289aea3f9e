/** What is written for those who run the program in containers: no cluster runs here, so the settings, the addresses and the bounds in it are held against the program's. */
import { expect, test } from "@jest/globals";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SETTINGS } from "../../src/config/settings.ts";
import { PROJECT_ROOT } from "../journeys/support/service.ts";

const FOLDER = join(PROJECT_ROOT, "deploy", "kubernetes");
const files = readdirSync(FOLDER).filter((name) => name.endsWith(".yaml"));
const textOf = (name: string): string => readFileSync(join(FOLDER, name), "utf8");
const all = files.map(textOf).join("\n---\n");
const namesIn = (text: string, pattern: RegExp): string[] => [...new Set([...text.matchAll(pattern)].map(([, name = ""]) => name))];

test("every file is one of those that are applied, or the example of a secret, and every one that is named is there", () => {
  const named = namesIn(textOf("kustomization.yaml"), /^ {2}- ([a-z-]+\.yaml)$/gm);
  expect([...named, "kustomization.yaml", "secret.example.yaml"].sort()).toEqual(files.sort());
});

test("every setting is one that the program knows", () => {
  const known: readonly string[] = Object.keys(SETTINGS);
  const given = namesIn(all, /^ {2,}(?:- name: |key: )?([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)*)(?::|$)/gm);
  expect(given).toEqual(expect.arrayContaining(["ACCESS", "BASE_URL", "KEYS_DIR", "MONGODB_URL", "MONGODB_ADMIN_URL"]));
  expect(given.filter((name) => !known.includes(name))).toEqual([]);
});

test.each(["instances.yaml", "mongodb-init.yaml"])("%s: nobody's privileges, a system that is only read, and bounds", (file) => {
  const text = textOf(file);
  for (const line of ["runAsNonRoot: true", "runAsUser: 1000", "type: RuntimeDefault", "readOnlyRootFilesystem: true", "allowPrivilegeEscalation: false", "drop: [ALL]", "automountServiceAccountToken: false"]) expect(text).toContain(line); // prettier-ignore
  expect(text).toMatch(/limits:\n\s+memory: /);
  expect(text).not.toMatch(/privileged: true|hostNetwork|hostPath|hostPID/);
});

test("the image's user, ports and probes are those of the manifests", () => {
  const image = readFileSync(join(PROJECT_ROOT, "Dockerfile"), "utf8");
  // `node` of the image that ours is made from is user 1000.
  expect(image).toMatch(/^USER node$/m);
  const ports = namesIn(image, /^\s+(?:ADMIN_)?PORT=(\d+)/gm);
  expect(namesIn(textOf("instances.yaml"), /containerPort: (\d+)/g)).toEqual(ports);
  expect(namesIn(textOf("instances.yaml"), /path: (\S+)/g)).toEqual(["/healthz", "/readyz"]);
});

test("without being named nobody connects, and metrics are for monitoring alone", () => {
  const [refused = "", instances = ""] = textOf("network-policy.yaml").split("---");
  expect(refused).toMatch(/podSelector: \{\}\n\s+policyTypes: \[Ingress, Egress\]\n$/);
  expect(instances).toMatch(/name: monitoring\n\s+ports:\n\s+- port: admin/);
  expect(textOf("service.yaml")).not.toContain("targetPort: admin");
  expect(textOf("secret.example.yaml").match(/PASSWORD/g)).toHaveLength(2);
});

test("one may be taken down at a time, of several", () => {
  expect(textOf("disruption-budget.yaml")).toContain("maxUnavailable: 1");
  expect(Number(/replicas: (\d+)/.exec(textOf("instances.yaml"))?.[1])).toBeGreaterThan(1);
});

test("compose runs it without privileges, on a system that is only read", () => {
  const compose = readFileSync(join(PROJECT_ROOT, "compose.yaml"), "utf8");
  for (const line of ["read_only: true", "cap_drop: [ALL]", 'security_opt: ["no-new-privileges:true"]', "pids_limit:", "mem_limit:"]) expect(compose).toContain(line); // prettier-ignore
});
