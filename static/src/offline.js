import { icon, make } from './dom.js';
import { say } from './say.js';

// A calm banner while the browser knows of no connection. The page of a ticket
// knows more (live.js) and has its own.
function show() {
  if (document.querySelector('.banner, #ticket[data-chat]')) return;
  const words = 'Keep writing: it is kept here, and can be sent when the connection is back.';
  const text = make('span', {}, make('b', {}, 'No connection right now.'), ` ${words}`);
  document.getElementById('main')?.before(make('div', { class: 'banner', role: 'region', 'aria-label': 'Connection' }, make('p', {}, icon('offline'), text)));
  say(`No connection right now. ${words}`);
}

addEventListener('offline', show);
addEventListener('online', () => {
  if (document.querySelector('#ticket[data-chat]')) return;
  document.querySelector('.banner')?.remove();
  say('The connection is back.');
});
addEventListener('DOMContentLoaded', () => { if (!navigator.onLine) show(); });
