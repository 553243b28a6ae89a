import { icon, make } from './dom.js';
import { say } from './say.js';
import { steady } from './steady.js';

// The calm banner above a page that follows something live.
let timer = 0;

function show(bold, ...words) {
  const text = make('span', {}, make('b', {}, bold), ...words);
  const correct = steady();
  hide();
  document.getElementById('main')?.before(make('div', { class: 'banner', role: 'region', 'aria-label': 'Connection' }, make('p', {}, icon('offline'), text)));
  correct();
  say(text.textContent);
}

function hide() {
  clearTimeout(timer);
  timer = 0;
  const old = document.querySelector('.banner');
  old?.remove();
  return Boolean(old);
}

const unreached = () => document.querySelector('.banner') ?? show('No connection right now.', ' Keep writing: it is kept here and sent once, as soon as the connection is back.');

/** The connection is lost: said after two seconds, as most losses are over by then, or at once. */
export function lost(surely = false) {
  if (surely) unreached();
  else timer ||= setTimeout(unreached, 2000);
}

/** The connection is back. */
export function found() {
  const correct = steady();
  if (hide()) say('The connection is back.');
  correct();
}

/** It will not come back: signed out, or the ticket is gone. */
export function ended(code) {
  if (code !== 4401) return show('This ticket is no longer here.');
  const next = encodeURIComponent(location.pathname + location.search);
  show('You have been signed out.', ' ', make('a', { class: 'link', href: `/login?next=${next}` }, 'Sign in again'), ' and what you wrote is still here.');
}
