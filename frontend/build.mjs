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

// What libraries do in ways that our policy drops, each done in one that it allows. A library that has changed
// stops the build: look how it does it now.
const PATCHES = [
  { // CodeMirror would write a <style> element; constructed sheets are exempt
    file: /style-mod[\\/]src[\\/]style-mod\.js$/,
    from: '!root.head && root.adoptedStyleSheets',
    to: 'root.adoptedStyleSheets',
  },
  { // bpmn.io's markup carries style attributes, which are dropped; the same set by script is not
    file: /domify[\\/]index\.js$/,
    from: 'element.innerHTML = prefix + htmlString + suffix;',
    to: `element.innerHTML = (prefix + htmlString + suffix).replace(/(<[^>]*\\s)style=/g, '$1data-style=');
      for (const each of element.querySelectorAll('[data-style]')) {
        each.style.cssText = each.dataset.style;
        each.removeAttribute('data-style');
      }`,
  },
];
const policyPatches = {
  name: 'policy-patches',
  setup(build) {
    for (const { file, from, to } of PATCHES) {
      build.onLoad({ filter: file }, async ({ path }) => {
        const source = await readFile(path, 'utf8');
        if (!source.includes(from)) throw new Error(`${path} has changed: see how it sets its styles now`);
        return { contents: source.replace(from, () => to), loader: 'js' };
      });
    }
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
  plugins: [lintRules, policyPatches],
  legalComments: 'linked',
  logLevel: 'warning',
  metafile: true,
});
await writeFile(join(dist, 'manifest.json'), JSON.stringify(manifestOf(metafile.outputs), null, 1));
