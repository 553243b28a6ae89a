import { icon, make } from './dom.js';

/** Speaks through the page's one polite live region. */
export function say(text) {
  const live = document.getElementById('live');
  if (!live) return;
  live.textContent = '';
  // Readers pass over a region that is filled in the same breath as it is emptied.
  setTimeout(() => { live.textContent = text; }, 60);
}

/** Shows a word that stays until it is dismissed, and says it. The same word twice is one toast. */
export function toast(text, shape = 'circle-alert') {
  let box = document.querySelector('.toasts');
  if (!box) {
    box = make('div', { class: 'toasts', role: 'region', 'aria-label': 'Messages' });
    document.body.append(box);
  }
  for (const old of box.querySelectorAll('.toast')) if (old.querySelector('p')?.textContent === text) old.remove();
  const dismiss = make('button', { type: 'button', 'aria-label': 'Dismiss' }, icon('x'));
  const element = make('div', { class: 'toast' }, icon(shape), make('p', {}, text), dismiss);
  dismiss.addEventListener('click', () => element.remove());
  box.append(element);
  say(text);
}
