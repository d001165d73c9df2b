// Builds what the pages load: every src/*.js and src/*.css is an entry; names carry a hash, manifest.json knows them.
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import * as esbuild from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, '..', 'app', 'static', 'dist');
const require = createRequire(import.meta.url);

// bpmnlint finds its rules by reading folders; a browser cannot, so the recommended ones are imported by name.
const lintRules = {
  name: 'lint-rules',
  setup(build) {
    build.onResolve({ filter: /^placet:lint-rules$/ }, ({ path }) => ({ path, namespace: 'lint-rules' }));
    build.onLoad({ filter: /.*/, namespace: 'lint-rules' }, () => {
      const { rules } = require('bpmnlint/config/recommended');
      const names = Object.keys(rules);
      const imports = names.map((name, n) => `import rule${n} from 'bpmnlint/rules/${name}';`);
      const known = names.map((name, n) => `${JSON.stringify(name)}: rule${n}`);
      const contents = [...imports, `export const rules = ${JSON.stringify(rules)};`,
        `export const implementations = {${known.join(', ')}};`].join('\n');
      return { contents, loader: 'js', resolveDir: here };
    });
  },
};

// CodeMirror's style-mod would write a <style> element, which our policy drops; constructed sheets are exempt.
const constructedSheets = {
  name: 'constructed-sheets',
  setup(build) {
    build.onLoad({ filter: /style-mod[\\/]src[\\/]style-mod\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const contents = source.replace('!root.head && root.adoptedStyleSheets', 'root.adoptedStyleSheets');
      if (contents === source) throw new Error('style-mod has changed: see how it writes its styles now');
      return { contents, loader: 'js' };
    });
  },
};

async function entries() {
  const names = await readdir(join(here, 'src'));
  return names.filter((name) => /\.(js|css)$/.test(name)).map((name) => join(here, 'src', name));
}

function manifestOf(outputs) {
  const made = Object.entries(outputs).filter(([file, { entryPoint }]) => entryPoint && !file.endsWith('.map'));
  const found = {};
  for (const [file, { entryPoint, cssBundle }] of made) {
    const name = basename(entryPoint);
    found[name] = basename(file);
    if (cssBundle) found[name.replace(/\.js$/, '.css')] = basename(cssBundle);
  }
  return found;
}

await rm(dist, { recursive: true, force: true });
const { metafile } = await esbuild.build({
  absWorkingDir: here,
  entryPoints: await entries(),
  outdir: dist,
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  target: ['es2022'],
  entryNames: '[name]-[hash]',
  chunkNames: 'chunks/[name]-[hash]',
  assetNames: 'assets/[name]-[hash]',
  loader: { '.woff2': 'file', '.woff': 'empty', '.eot': 'empty', '.ttf': 'empty', '.svg': 'file', '.png': 'file' },
  plugins: [lintRules, constructedSheets],
  legalComments: 'linked',
  logLevel: 'warning',
  metafile: true,
});
await writeFile(join(dist, 'manifest.json'), JSON.stringify(manifestOf(metafile.outputs), null, 1));
