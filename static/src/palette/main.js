// The command palette (palette.js), which keys.js loads when it is first opened: finds a link or
// a button of the page by words, and uses it.
import { isComposing } from '../lib/composing.js';
import { make, textOf } from '../lib/dom.js';

const input = make('input', { class: 'input', type: 'text', role: 'combobox', 'aria-expanded': 'true', 'aria-controls': 'palette-list', 'aria-label': 'Find a page, a view or an action', placeholder: 'Find a page, a view or an action', autocomplete: 'off' });
const list = make('ul', { id: 'palette-list', role: 'listbox', 'aria-label': 'Results' });
const none = make('p', { class: 'hint', role: 'status' });
const dialog = make('dialog', { class: 'palette', 'aria-label': 'Find a page, a view or an action' }, input, list, none);
document.body.append(dialog);

const maxShown = 12;
let commands = []; // { text, element }: what the page offers
let found = [];
let at = 0;

const isUsable = element => !element.disabled && !element.closest('dialog, .toasts, [hidden]') && !(element.matches('.skip'));

/** The links and buttons of the page, each text once. The count of a view is no part of its name. */
function collect() {
  const all = new Map();
  for (const element of document.querySelectorAll('a[href], button[type=submit]')) {
    const text = textOf(element.querySelector(':scope > span:has(+ small)') ?? element);
    if (text && isUsable(element) && !all.has(text)) all.set(text, { text, element });
  }
  return [...all.values()];
}

function search() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  found = commands.filter(({ text }) => words.every(word => text.toLowerCase().includes(word))).slice(0, maxShown);
  at = 0;
  show();
}

function show() {
  list.replaceChildren(...found.map(({ text, element }, i) => make('li', { id: `palette-${i}`, role: 'option', 'aria-selected': String(i === at), dir: 'auto' },
    text, make('small', {}, element.matches('a') ? 'Open' : 'Do'))));
  none.textContent = found.length ? '' : 'Nothing found';
  if (found.length) input.setAttribute('aria-activedescendant', `palette-${at}`);
  else input.removeAttribute('aria-activedescendant');
  list.children[at]?.scrollIntoView({ block: 'nearest' });
}

function use(command) {
  if (!command) return;
  dialog.close();
  command.element.click();
}

input.addEventListener('input', search);
input.addEventListener('keydown', event => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by && found.length) {
    event.preventDefault();
    at = (at + by + found.length) % found.length;
    show();
  } else if (event.key === 'Enter' && !isComposing(event)) {
    event.preventDefault();
    use(found[at]);
  }
});
list.addEventListener('click', event => use(found[[...list.children].indexOf(event.target.closest('li'))]));
dialog.addEventListener('click', event => { if (event.target === dialog) dialog.close(); });

document.addEventListener('palette:open', () => {
  if (dialog.open) return;
  commands = collect();
  input.value = '';
  search();
  dialog.showModal(); // the focus returns when it closes
});
