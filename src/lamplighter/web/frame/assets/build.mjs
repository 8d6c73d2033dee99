// Builds the front end into ../static/frame. `--watch` rebuilds on change.
import { cp, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, context } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const target = resolve(here, "../static/frame");

/** @type {import("esbuild").BuildOptions} */
const options = {
  absWorkingDir: here,
  entryPoints: { frame: "frame.ts", style: "styles/style.css" },
  outdir: target,
  bundle: true,
  splitting: true,
  format: "esm",
  minify: true,
  sourcemap: false,
  legalComments: "linked",
  // Offices run old Chromium shells: nesting and newer syntax are lowered for them.
  target: ["chrome90", "firefox90", "safari15"],
  chunkNames: "chunks/[name]-[hash]",
  logLevel: "info",
};

await rm(target, { recursive: true, force: true });
await cp(resolve(here, "images"), target, { recursive: true });
if (process.argv.includes("--watch")) {
  await (await context(options)).watch();
} else {
  await build(options);
}
