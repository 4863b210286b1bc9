// Bundles what browsers get into static/built: `npm run build`, or as part of `make run`.
// Django gives the files their content hashes (collectstatic), so the names here are plain.

import { rm } from "node:fs/promises";
import { build } from "esbuild";

const outdir = "static/built";

await rm(outdir, { recursive: true, force: true });
await build({
  entryPoints: {
    console: "static/css/console.css",
    age: "waitlessq/client/age.ts",
    desk: "console/client/desk.ts",
    app: "pwa/client/src/app/main.tsx",
    worker: "pwa/client/src/sw/worker.ts",
  },
  outdir,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["es2022", "safari16.4"],
  jsx: "automatic",
  jsxImportSource: "preact",
  loader: { ".woff2": "file", ".woff": "empty" },
  assetNames: "[name]-[hash]",
  legalComments: "linked",
  logLevel: "warning",
});
