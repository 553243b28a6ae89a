// Builds dist/ from src/: the stylesheets, the scripts, the icons and the favicon. dist/ is
// committed, so only changes of src/ or of the classes in views/ need this build.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const at = (...parts) => join(here, ...parts);
mkdirSync(at('dist'), { recursive: true });

execFileSync(process.execPath,
  [at('node_modules/@tailwindcss/cli/dist/index.mjs'), '-i', at('src/app.css'), '-o', at('dist/app.css'), '--minify'],
  { cwd: here, stdio: 'inherit' });

// What only some pages need has no utilities of Tailwind.
for (const name of ['staff.css', 'api.css']) await build({ entryPoints: [at('src', name)], outfile: at('dist', name), minify: true, target: 'es2022' });

// Each folder of src/ with a main.js is one script. app.js is loaded first, then the script of
// the page, then those that it loads on demand. What an earlier script has is not bundled again:
// its main.js publishes the names in globalThis.frontdesk, and "uses" lists such main.js files.
const everyPage = 'every-page/main.js';
const scripts = {
  'app.js': { main: everyPage, uses: [] },
  'keys.js': { main: 'keys/main.js', uses: [everyPage] },
  'palette.js': { main: 'palette/main.js', uses: [everyPage] }, // on demand
  'list.js': { main: 'list/main.js', uses: [everyPage] },
  'form.js': { main: 'ticket-form/main.js', uses: [everyPage] },
  'users.js': { main: 'users/main.js', uses: [everyPage] },
  'ticket.js': { main: 'ticket/main.js', uses: [everyPage] },
  'composer.js': { main: 'composer/main.js', uses: [everyPage] }, // on demand
  'chat.js': { main: 'chat/main.js', uses: [everyPage, 'ticket/main.js'] }, // on demand
};

/** The names that a main.js publishes: { a, b } in globalThis.frontdesk = { a, b } or Object.assign(frontdesk, { a, b }). */
const published = main => /frontdesk(?: = |, )\{([^}]*)\}/.exec(readFileSync(at('src', main), 'utf8'))[1].match(/\w+/g);

const exported = source => [...source.matchAll(/^export (?:async )?(?:const|function) (\w+)/gm)].map(([, name]) => name);

/** An esbuild plugin: modules that export published names are replaced by those names. An import
 * of any other name of such a module then fails the build. */
const use = mains => ({
  name: 'use',
  setup({ onLoad }) {
    const names = new Set(mains.flatMap(published));
    onLoad({ filter: /\.js$/ }, ({ path }) => {
      const found = exported(readFileSync(path, 'utf8')).filter(name => names.has(name));
      return found.length ? { contents: found.map(name => `export const ${name} = /* @__PURE__ */ (() => frontdesk.${name})();`).join('\n') } : null;
    });
  },
});

async function bundle({ main, uses }) {
  const { outputFiles } = await build({
    entryPoints: [at('src', main)], bundle: true, minify: true, format: 'iife', target: 'es2022',
    legalComments: 'none', write: false, plugins: [use(uses)],
  });
  return outputFiles[0].text;
}

for (const [name, script] of Object.entries(scripts)) writeFileSync(at('dist', name), await bundle(script));

// htmx is published code, unchanged. It comes first in app.js, which blocks the page: htmx must
// start before the page is complete, and a deferred script starts later.
const htmx = readFileSync(at('node_modules/htmx.org/dist/htmx.min.js'), 'utf8').replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '').trimEnd();
writeFileSync(at('dist/app.js'), `/* htmx 4.0.1, 0BSD, https://htmx.org; see static/LICENSES.txt */\n${htmx}\n;${readFileSync(at('dist/app.js'), 'utf8')}`);

for (const name of ['icons.svg', 'favicon.svg']) copyFileSync(at('src', name), at('dist', name));

// Go has no Brotli, so the files are compressed here. The name holds the hash of the content
// (app.0123456789ab.js.br). A file that exists stays, because another version of Node may
// compress the same content to other bytes.
const built = readdirSync(at('dist')).filter(name => !name.endsWith('.br'));
const compressed = new Set(built.map(name => {
  const content = readFileSync(at('dist', name));
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const to = name.replace(/\.(\w+)$/, `.${hash}.$1.br`);
  if (!existsSync(at('dist', to))) writeFileSync(at('dist', to), brotliCompressSync(content));
  return to;
}));
for (const name of readdirSync(at('dist'))) if (name.endsWith('.br') && !compressed.has(name)) rmSync(at('dist', name));
