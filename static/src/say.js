import { icon, make } from './dom.js';

const kept = 3; // messages in the live region

/** Adds a message to the page's one polite live region. Messages that come in quick succession are all read. */
export function say(text) {
  const live = document.getElementById('live');
  if (!live) return;
  live.append(make('p', {}, text));
  trim();
}

/** Removes all but the latest messages from the live region. Removals are not read. */
function trim() {
  const live = document.getElementById('live');
  while (live?.childElementCount > kept) live.firstElementChild.remove();
}

// The server adds messages too, beside the parts of an answer.
document.addEventListener('htmx:after:swap', trim);

/** Shows a word that stays until it is dismissed, and says it. The same word twice is one toast. Gives its element. */
export function toast(text, shape = 'circle-alert') {
  const box = document.querySelector('.toasts');
  for (const old of box.querySelectorAll('.toast')) if (old.querySelector('p')?.textContent === text) old.remove();
  const made = dismissable(make('div', { class: 'toast' }, icon(shape), make('p', {}, text)));
  box.append(made);
  say(text);
  return made;
}

/** Whether an answer says that the desk, or its database, cannot be reached just now. */
export const isAway = ({ status }) => status === 502 || status === 503 || status === 504;

/** Gives a toast the button that takes it away. */
export function dismissable(element) {
  const button = make('button', { type: 'button', 'aria-label': 'Dismiss' }, icon('x'));
  button.addEventListener('click', () => element.remove());
  element.append(button);
  return element;
}
