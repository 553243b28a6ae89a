// Signing out removes what the browser stores for the user: the drafts of this tab, and
// chat messages that were not sent yet (all tabs of the user share those, see chat/unsent.js).
import { userKey } from '../lib/dom.js';

addEventListener('submit', event => {
  if (event.target.getAttribute('action') !== '/logout') return;
  const clear = (store, prefix) => { for (const name of Object.keys(store)) if (name.startsWith(prefix)) store.removeItem(name); };
  clear(localStorage, userKey(''));
  clear(sessionStorage, 'draft:');
});
