// Bundles what browsers get into static/built: `npm run build`, or as part of `make run`.
// Django gives the files their content hashes (collectstatic), so the names here are plain.

import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { build } from "esbuild";

const outdir = "static/built";
const common = {
  outdir,
  bundle: true,
  minify: true,
  target: ["es2022", "safari16.4"],
  // As it is: escaped, Hebrew and Arabic take half as much again to send.
  charset: "utf8",
  legalComments: "linked",
  logLevel: "warning",
};

const modules = { format: "esm", jsx: "automatic", jsxImportSource: "preact" };

await rm(outdir, { recursive: true, force: true });
await build({
  ...common,
  entryPoints: {
    console: "waitlessq/client/css/console.css",
    age: "waitlessq/client/age.ts",
    calendar: "console/client/calendar.ts",
    desk: "console/client/desk.ts",
    phone: "console/client/phone.ts",
    poster: "console/client/poster.ts",
    settings: "console/client/settings.ts",
    sheet: "console/client/sheet.ts",
    styleguide: "waitlessq/client/css/styleguide.css",
    board: "pwa/client/src/board/main.ts",
    kiosk: "pwa/client/src/kiosk/main.tsx",
    paper_58: "pwa/client/src/kiosk/paper_58.css",
    paper_80: "pwa/client/src/kiosk/paper_80.css",
  },
  ...modules,
  loader: { ".woff2": "file", ".woff": "empty" },
  assetNames: "[name]-[hash]",
});
await writeFile(`${outdir}/app.json`, JSON.stringify(await buildApp()));
// A worker that importScripts() loads is a classic script, and so is what other sites load.
await build({
  ...common,
  entryPoints: { worker: "pwa/client/src/sw/worker.ts", embed: "pwa/client/src/embed/main.ts" },
  format: "iife",
});

// What icons are lettered with (pwa/icons.py), on the server: no browser asks for them.
const scripts = {
  "ibm-plex-sans": ["latin", "latin-ext", "greek", "cyrillic", "cyrillic-ext"],
  "ibm-plex-sans-hebrew": ["hebrew"],
  "ibm-plex-sans-arabic": ["arabic"],
};
await mkdir(`${outdir}/initials`);
for (const [family, subsets] of Object.entries(scripts)) {
  for (const subset of subsets) {
    const name = `${family}-${subset}-600-normal.woff`;
    await cp(`node_modules/@fontsource/${family}/files/${name}`, `${outdir}/initials/${name}`);
  }
}

// The app: what it starts with, and screens that are loaded when they are opened. Tells the names of
// its parts, which say what is in them: those to load at once, and all there are (pwa/bundle.py).
async function buildApp() {
  const { metafile } = await build({
    ...common,
    ...modules,
    entryPoints: { app: "pwa/client/src/app/main.tsx" },
    splitting: true,
    metafile: true,
    chunkNames: "[name]-[hash]",
  });
  const entry = `${outdir}/app.js`;
  const eager = new Set();
  const follow = (file) => {
    for (const { path, kind } of metafile.outputs[file].imports) {
      if (kind !== "import-statement" || eager.has(path)) continue;
      eager.add(path);
      follow(path);
    }
  };
  follow(entry);
  const parts = Object.keys(metafile.outputs).filter((file) => file.endsWith(".js") && file !== entry);
  const named = (files) => [...files].sort().map((file) => `built/${basename(file)}`);
  return { eager: named(eager), parts: named(parts) };
}
