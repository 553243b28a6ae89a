// Loads the script of a form (data-script) when the user turns to the form. Files that are
// chosen or dropped before the script for uploads is there wait in the form's own field.
import { make } from '../lib/dom.js';

const scripts = new Map(); // address → the promise of its loading

/** Loads a script once. Rejects if it cannot be loaded; the next call tries again. */
export function load(address) {
  if (!scripts.has(address)) scripts.set(address, append(address));
  return scripts.get(address);
}

function append(address) {
  const script = make('script', { src: address });
  return new Promise((resolve, reject) => {
    script.onload = resolve;
    script.onerror = () => {
      script.remove();
      scripts.delete(address);
      reject(new Error(`${address} could not be loaded`));
    };
    document.head.append(script);
  });
}

const loaded = new Set();

for (const kind of ['focusin', 'pointerover', 'change', 'dragover', 'drop']) {
  addEventListener(kind, event => {
    const form = event.target.closest?.('form[data-script]');
    const address = form?.dataset.script;
    if (!form || loaded.has(address)) return;
    load(address).then(() => loaded.add(address), () => {});
    if (!form.matches('[data-upload]') || !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    if (kind === 'drop') form.querySelector('input[type=file]').files = event.dataTransfer.files;
  });
}
