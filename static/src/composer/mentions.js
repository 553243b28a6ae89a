// The list of colleagues below the field of a note, while the user types @ and the beginning of a name.
// The focus stays in the field: arrow keys choose, Enter takes the chosen name, Escape closes the list.
// The field keeps its role, because HTML allows no other one for a textarea.
import { announce } from '../lib/announcer.js';
import { isComposing } from '../lib/composing.js';
import { make } from '../lib/dom.js';

const pause = 150; // ms between the last key and the request
const reach = 999; // how many characters before the caret are read
let field; // the field with the list
let list;
let names = []; // { name, text }: what the list shows
let at = 0;
let request = 0; // the number of the last request
let unknown = ''; // a beginning that no colleague's name has

/** The beginning of a name, at most three words, between an @ and the caret; "" without one, and in a URL. What
 * may precede the @ is the same as in input.MayPrecedeMention. */
function beginning({ value, selectionStart, selectionEnd }) {
  if (selectionStart !== selectionEnd) return '';
  return /(?:^|[^\p{L}\p{Nd}\p{M}._%+@＠-]|[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmr}\p{sc=Mymr}])(?<!:\/\/\S*)[@＠]+([\p{L}\p{N}\p{So}][^\s@＠]*(?: [^\s@＠]+){0,2})$/u.exec(value.slice(Math.max(0, selectionStart - reach), selectionStart))?.[1] ?? '';
}

function close() {
  request++;
  if (!list) return;
  list.remove();
  list = undefined;
  for (const name of ['aria-controls', 'aria-activedescendant']) field.removeAttribute(name);
}

async function suggest(target) {
  const text = beginning(target);
  if (!text || unknown && text.startsWith(unknown)) { close(); return; }
  const own = ++request;
  await new Promise(done => { setTimeout(done, pause); });
  if (own !== request) return;
  const found = await ask(target, text);
  if (own !== request || document.activeElement !== target) return;
  unknown = found.length ? '' : text;
  open(target, found);
}

/** The names that begin with a text; none if the server cannot be reached. */
async function ask(target, text) {
  try {
    const response = await fetch(`${target.dataset.mentions}?q=${encodeURIComponent(text)}`, { headers: { Accept: 'application/json' }, signal: AbortSignal.timeout(10_000) });
    return response.ok ? (await response.json()).names : [];
  } catch {
    return [];
  }
}

function open(target, found) {
  const wasOpen = Boolean(list);
  close();
  if (!found.length) return;
  [field, names, at] = [target, found, 0];
  list = make('ul', { id: 'mentions', class: 'mentions', role: 'listbox', 'aria-label': 'Colleagues' },
    ...names.map(({ name, text }, i) => make('li', { id: `mention-${i}`, role: 'option', dir: 'auto' }, name, ...(name === text ? [] : [make('small', {}, text)]))));
  list.addEventListener('pointerdown', event => event.preventDefault()); // the focus stays in the field
  list.addEventListener('click', event => take([...list.children].indexOf(event.target.closest('li'))));
  field.after(list);
  field.setAttribute('aria-autocomplete', 'list');
  field.setAttribute('aria-controls', list.id);
  choose(0);
  if (!wasOpen) announce(`${names.length} ${names.length === 1 ? 'colleague' : 'colleagues'}. Choose with the arrow keys, and take with Enter.`);
}

function choose(i) {
  at = i;
  [...list.children].forEach((option, n) => option.setAttribute('aria-selected', String(n === at)));
  field.setAttribute('aria-activedescendant', `mention-${at}`);
  list.children[at].scrollIntoView({ block: 'nearest' });
}

function take(i) {
  if (!names[i]) return;
  const { text } = names[i];
  const end = field.selectionEnd;
  const target = field;
  target.setRangeText(`${text} `, end - beginning(target).length, end, 'end');
  close();
  unknown = `${text} `; // what follows is no name
  target.dispatchEvent(new Event('input', { bubbles: true }));
}

document.addEventListener('input', event => { if (event.target.matches('[data-mentions]') && !event.isComposing) suggest(event.target); });
// A press outside the list moves the focus. The list closes when it has become a click: what is below the list
// would otherwise move away from the pointer.
let pressed = false;
const afterRelease = 500; // ms within which a touch becomes a click
function released() {
  pressed = false;
  if (document.activeElement !== field) close();
}
document.addEventListener('pointerdown', () => { pressed = true; }, true);
document.addEventListener('click', released, true);
for (const end of ['pointerup', 'pointercancel']) document.addEventListener(end, () => { setTimeout(released, afterRelease); }, true);
document.addEventListener('focusout', event => { if (event.target === field && !pressed) close(); });
document.addEventListener('htmx:after:swap', () => { if (list && !list.isConnected) close(); });

// Before other listeners, which would send the form or leave the field.
document.addEventListener('keydown', event => {
  if (!list || event.target !== field || isComposing(event) || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const act = {
    ArrowDown: () => choose((at + 1) % names.length),
    ArrowUp: () => choose((at + names.length - 1) % names.length),
    Enter: () => take(at),
    Escape: close,
  }[event.key];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
}, true);

if (document.activeElement?.matches('[data-mentions]')) suggest(document.activeElement); // what was typed while the script was loaded
