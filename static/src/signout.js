import { mine } from './dom.js';

// Whoever signs out leaves nothing behind: no draft in this tab, and no chat line
// that waits (those are kept for the person and not for the tab, see outbox.js).
addEventListener('submit', event => {
  if (event.target.getAttribute('action') !== '/logout') return;
  const drop = (store, prefix) => { for (const name of Object.keys(store)) if (name.startsWith(prefix)) store.removeItem(name); };
  drop(localStorage, mine(''));
  drop(sessionStorage, 'draft:');
});
