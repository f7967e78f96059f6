// Builds the booth: `node build.mjs` the pages into dist/, `node build.mjs test` the tests into build/test/.
// The same sources and packages give the same bytes: nothing of time, place or machine goes in.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

import { build } from "esbuild";

import { catalogues } from "./catalogues.mjs";

const PAGES = ["enrol", "vote", "check"];
const STATIC = "src/pages/static";
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self' https: http:", // until the definition is read: then src/pages/connections.ts says exactly whereto
  "img-src blob:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const COMMON = { bundle: true, charset: "utf8", loader: { ".txt": "text" }, logLevel: "warning" };
const BROWSER = {
  ...COMMON,
  format: "iife",
  target: "es2022",
  minify: true,
  legalComments: "inline",
  write: false,
};

// Pages take core.ts and qr.ts from bundles of their own, which are loaded before and named as globals here.
const GLOBALS = { "core.ts": "psephosCore", "fragment.ts": "psephosFragment", "qr.ts": "psephosQr" };
const apart = {
  name: "apart",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/(core|fragment|qr)\.ts$/ }, ({ path }) => ({
      path: GLOBALS[path.split("/").at(-1)],
      namespace: "apart",
    }));
    onLoad({ filter: /.*/, namespace: "apart" }, ({ path }) => ({ contents: `module.exports = ${path};` }));
  },
};

async function script(entry, options) {
  const { outputFiles } = await build({ ...BROWSER, entryPoints: [entry], ...options });
  return outputFiles[0].contents;
}

async function pages() {
  const files = new Map([
    ["fragment.js", await script("src/fragment.ts", { globalName: GLOBALS["fragment.ts"] })],
    ["core.js", await script("src/core.ts", { globalName: GLOBALS["core.ts"] })],
    ["qr.js", await script("src/qr.ts", { globalName: GLOBALS["qr.ts"] })],
    ["style.css", readFileSync(`${STATIC}/style.css`)],
  ]);
  for (const page of PAGES) {
    files.set(`${page}.js`, await script(`src/pages/${page}/main.ts`, { plugins: [apart, catalogues] }));
    files.set(`${page}.html`, Buffer.from(html(page, files)));
  }
  rmSync("dist", { recursive: true, force: true });
  mkdirSync("dist");
  for (const [name, content] of files) writeFileSync(`dist/${name}`, content);
  writeFileSync("dist/manifest.json", manifest(files));
}

function html(page, files) {
  const integrity = (name) => `sha384-${createHash("sha384").update(files.get(name)).digest("base64")}`;
  const values = { policy: POLICY, page, "page.js": integrity(`${page}.js`) };
  return readFileSync(`${STATIC}/page.html`, "utf8").replace(
    /\{([a-z.]+)\}/g,
    (_, name) => values[name] ?? integrity(name),
  );
}

/** The document of a booth-manifest entry: canonical JSON, so members and files stand in ascending order. */
function manifest(files) {
  const sha256 = (content) => createHash("sha256").update(content).digest("hex");
  const hashes = [...files]
    .map(([name, content]) => [name, sha256(content)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ files: Object.fromEntries(hashes), version: 1 });
}

async function tests() {
  const files = readdirSync("test").filter((name) => name.endsWith(".ts"));
  await build({
    ...COMMON,
    format: "esm",
    entryPoints: files.map((name) => `test/${name}`),
    outdir: "build/test",
    outExtension: { ".js": ".mjs" },
    platform: "node",
    plugins: [catalogues],
    target: "node20",
  });
}

await { pages, test: tests }[process.argv[2] ?? "pages"]();
