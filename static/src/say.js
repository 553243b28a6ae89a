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
  const box = document.querySelector('.toasts');
  for (const old of box.querySelectorAll('.toast')) if (old.querySelector('p')?.textContent === text) old.remove();
  box.append(dismissable(make('div', { class: 'toast' }, icon(shape), make('p', {}, text))));
  say(text);
}

function dismissable(element) {
  const button = make('button', { type: 'button', 'aria-label': 'Dismiss' }, icon('x'));
  button.addEventListener('click', () => element.remove());
  element.append(button);
  return element;
}

// Good news that the server sent with a part of the page passes by itself,
// unless somebody is pointing at it.
document.addEventListener('htmx:after:swap', () => {
  for (const element of document.querySelectorAll('.toasts > .toast:not(:has(button))')) {
    dismissable(element);
    if (element.dataset.tone === 'ok') pass(element);
  }
});

function pass(element) {
  setTimeout(() => element.matches(':hover, :focus-within') ? pass(element) : element.remove(), 8000);
}
