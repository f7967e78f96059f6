// Builds the booth: `node build.mjs` the pages into dist/, `node build.mjs test` the tests into build/test/.
import { readdirSync } from "node:fs";

import { build } from "esbuild";

const common = {
  bundle: true,
  format: "esm",
  charset: "utf8",
  loader: { ".txt": "text" },
  logLevel: "warning",
};

async function tests() {
  const files = readdirSync("test").filter((name) => name.endsWith(".ts"));
  await build({
    ...common,
    entryPoints: files.map((name) => `test/${name}`),
    outdir: "build/test",
    outExtension: { ".js": ".mjs" },
    platform: "node",
    target: "node20",
  });
}

await { test: tests }[process.argv[2] ?? "pages"]();
