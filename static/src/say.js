import { icon, make } from './dom.js';

/** Speaks through the page's one polite live region. */
export function say(text) {
  const live = document.getElementById('live');
  if (!live) return;
  live.textContent = '';
  // Readers pass over a region that is filled in the same breath as it is emptied.
  setTimeout(() => { live.textContent = text; }, 60);
}

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
