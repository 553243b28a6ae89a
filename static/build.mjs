// Builds dist/ from src/: one stylesheet, the script of every page and those of
// a ticket's, the lists' and the forms with files, the sprite and the favicon.
// dist/ is committed, so only those who change src/ or the classes in views/ run this.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const at = (...parts) => join(here, ...parts);
mkdirSync(at('dist'), { recursive: true });

execFileSync(process.execPath,
  [at('node_modules/@tailwindcss/cli/dist/index.mjs'), '-i', at('src/app.css'), '-o', at('dist/app.css'), '--minify'],
  { cwd: here, stdio: 'inherit' });

const bundle = name => buildSync({
  entryPoints: [at('src', name)], bundle: true, minify: true, format: 'iife', target: 'es2022',
  legalComments: 'none', write: false,
}).outputFiles[0].text;

// htmx first and as it is published; ours after it, in the same blocking script (a deferred one starts too late).
const htmx = readFileSync(at('node_modules/htmx.org/dist/htmx.min.js'), 'utf8').replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '').trimEnd();
writeFileSync(at('dist/app.js'), `/* htmx 4.0.1, 0BSD, https://htmx.org; see static/LICENSES.txt */\n${htmx}\n;${bundle('app.js')}`);
for (const name of ['ticket.js', 'list.js', 'uploads.js']) writeFileSync(at('dist', name), bundle(name));

for (const name of ['icons.svg', 'favicon.svg']) copyFileSync(at('src', name), at('dist', name));
