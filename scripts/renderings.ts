/** `npm run renderings`: writes the pages of all fixtures anew (fixtures/renderings). What changed is told by `git diff`. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const tests = ["test/renderings", "test/pipeline/render/pages/document-page"];
const jest = ["--disable-warning=ExperimentalWarning", "--experimental-vm-modules", "node_modules/jest/bin/jest.js", ...tests];
const { status } = spawnSync(process.execPath, jest, {
  cwd: fileURLToPath(new URL("..", import.meta.url)),
  env: { ...process.env, UPDATE_RENDERINGS: "1" },
  stdio: "inherit",
});
process.exitCode = status ?? 1;
