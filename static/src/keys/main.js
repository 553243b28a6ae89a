// The script of pages of staff (keys.js), beside app.js: shortcuts of a single key, whose list is
// views/ui/shortcuts.go, Ctrl+K, which opens the command palette (palette/main.js), and the form
// of the assignment on pages of tickets.
import { isComposing } from '../lib/composing.js';
import { make } from '../lib/dom.js';
import '../ticket/assignment.js';

const { dataset } = document.currentScript;
const shortcuts = JSON.parse(dataset.keys);

// A select finds its options by typed letters. The keys of an open dialog are its own.
const isTyping = element => element.closest('textarea, select, input:not([type=checkbox], [type=radio], [type=submit]), [contenteditable]')
  || document.querySelector('dialog[open]');

/** Makes the parts visible that hide an element: a details element that is closed. */
function reveal(element) {
  for (let part = element.closest('details'); part; part = part.parentElement.closest('details')) part.open = true;
}

/** Moves the focus by rows from the one that has it, or from the row of the address. */
function step(targets, by) {
  const inRow = test => targets.findIndex(target => test(target.closest('tr')));
  const focused = inRow(row => row.contains(document.activeElement));
  const at = focused < 0 ? inRow(row => row.matches(':target')) : focused;
  const next = targets[at < 0 ? 0 : Math.min(Math.max(at + by, 0), targets.length - 1)];
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
}

function run({ step: by }, targets) {
  if (by) return step(targets, by);
  const [target] = targets;
  reveal(target);
  if (target.matches('a, button')) target.click();
  else target.focus();
}

addEventListener('keydown', event => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isComposing(event) || isTyping(event.target)) return;
  for (const shortcut of shortcuts) {
    if (shortcut.key !== event.key) continue;
    const targets = [...document.querySelectorAll(shortcut.target)];
    if (!targets.length) continue;
    event.preventDefault(); // the key must not be typed into a field that gets the focus
    return run(shortcut, targets);
  }
});

let isLoaded = false;
const openPalette = () => document.dispatchEvent(new Event('palette:open'));

addEventListener('keydown', event => {
  if (event.key !== 'k' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
  event.preventDefault();
  if (isLoaded) return openPalette();
  const script = make('script', { src: dataset.palette });
  script.onload = () => { isLoaded = true; openPalette(); };
  document.head.append(script);
});
