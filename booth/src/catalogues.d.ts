// What the build makes of the catalogues: ../catalogues.mjs.
declare module "catalogues" {
  /** The languages, each by the name that it has for itself. */
  export const NAMES: Readonly<Record<string, string>>;
  export const RIGHT_TO_LEFT: {
    readonly languages: readonly string[];
    readonly scripts: readonly string[];
  };
  /** By tag, then by the keys of src/pages/texts.ts. */
  export const CATALOGUES: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
