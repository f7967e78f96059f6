// The texts of the pages in every language, from the catalogues that the Python package has: src/psephos/language.
import { readFileSync } from "node:fs";

import { build } from "esbuild";
import { po } from "gettext-parser";

const LANGUAGE = "../src/psephos/language";

/** For esbuild: `catalogues` is the module that catalogues.d.ts describes. */
export const catalogues = {
  name: "catalogues",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^catalogues$/ }, ({ path }) => ({ path, namespace: "catalogues" }));
    onLoad({ filter: /.*/, namespace: "catalogues" }, async () => ({ contents: await contents() }));
  },
};

async function contents() {
  const { names, right_to_left: rightToLeft } = JSON.parse(readFileSync(`${LANGUAGE}/languages.json`, "utf8"));
  const keys = Object.entries(await texts());
  const said = Object.keys(names).map((tag) => [tag, catalogue(tag, keys)]);
  return [
    `export const NAMES = ${JSON.stringify(names)};`,
    `export const RIGHT_TO_LEFT = ${JSON.stringify(rightToLeft)};`,
    `export const CATALOGUES = ${JSON.stringify(Object.fromEntries(said))};`,
  ].join("\n");
}

/** The texts of src/pages/texts.ts by key. */
async function texts() {
  const options = { entryPoints: ["src/pages/texts.ts"], format: "esm", charset: "utf8", write: false };
  const { outputFiles } = await build(options);
  const { TEXTS } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
  return TEXTS;
}

/** The texts of a language by key; an error for a text that it lacks. */
function catalogue(tag, keys) {
  if (tag === "en") return Object.fromEntries(keys.map(([key, { english }]) => [key, english]));
  const { translations } = po.parse(readFileSync(`${LANGUAGE}/${tag}.po`));
  const said = keys.map(([key, { english, context = "" }]) => {
    const text = translations[context]?.[english]?.msgstr[0];
    if (!text) throw new Error(`${LANGUAGE}/${tag}.po: no translation of "${english}": see make pot`);
    return [key, text];
  });
  return Object.fromEntries(said);
}
