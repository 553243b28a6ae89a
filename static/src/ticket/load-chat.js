// Chat messages are sent by a script of its own (chat/main.js). It is loaded when the user
// turns to the form (load-scripts.js), or here if messages of an earlier visit were not sent. A
// message that is submitted before waits in its field until the script is there.
import { userKey } from '../lib/dom.js';
import { isReachable, requestUpdates } from './live.js';
import { load } from './load-scripts.js';
import { isLive, root } from './updates.js';

/** The names of messages in the browser's storage begin with this. It is older than the word
 * "message", and messages that wait there have it. */
export const storedPrefix = chat => userKey(`${chat}:line:`);

const form = () => document.getElementById('chat-form');
let isReady = false; // submissions of the form go on to the script, or to the server
let isSubmitted = false;

async function loadChat() {
  try {
    await load(form().dataset.script);
  } catch {
    if (!isSubmitted) return;
    await requestUpdates(); // finds out whether the server can be reached
    if (!isReachable()) return;
    // The server has another version of the script by now: the form is sent without it.
  }
  isReady = true;
  if (isSubmitted) setTimeout(() => form().requestSubmit()); // not within the event of the first submission
  isSubmitted = false;
}

if (isLive) {
  addEventListener('submit', event => {
    if (event.target !== form() || isReady) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    isSubmitted = true;
    loadChat();
  }, true);
  document.addEventListener('live:online', () => { if (isSubmitted) loadChat(); });
  if (Object.keys(localStorage).some(name => name.startsWith(storedPrefix(root.dataset.chat)))) loadChat();
}
