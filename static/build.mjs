// Builds dist/ from src/: one stylesheet, the script of every page, those of a
// ticket's page, of the lists and of the form of a ticket, the one that sends files
// (on a ticket's page loaded when it is wanted), the sprite and the favicon.
// dist/ is committed, so only those who change src/ or the classes in views/ run this.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
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
for (const name of ['ticket.js', 'list.js', 'form.js', 'uploads.js']) writeFileSync(at('dist', name), bundle(name));

for (const name of ['icons.svg', 'favicon.svg']) copyFileSync(at('src', name), at('dist', name));

// Packed here, as Go has no brotli of its own. The name tells of what (app.0123456789ab.js.br);
// what is there already stays, as another version of Node may pack it in other bytes.
const built = readdirSync(at('dist')).filter(name => !name.endsWith('.br'));
const packed = new Set(built.map(name => {
  const content = readFileSync(at('dist', name));
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  const to = name.replace(/\.(\w+)$/, `.${hash}.$1.br`);
  if (!existsSync(at('dist', to))) writeFileSync(at('dist', to), brotliCompressSync(content));
  return to;
}));
for (const name of readdirSync(at('dist'))) if (name.endsWith('.br') && !packed.has(name)) rmSync(at('dist', name));
