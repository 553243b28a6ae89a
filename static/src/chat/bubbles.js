// Draws chat messages that the server has not stored yet, from the template of the page.
import { fromTemplate, setTime } from '../lib/dom.js';
import { holdScroll } from '../ticket/chat-scroll.js';
import { markSeen } from '../ticket/insert-entries.js';

/** Returns the row of a message, or null. */
export const bubbleOf = message => document.querySelector(`[data-message="${message.id}"]`);

const stateOf = (message, status) => message.refused ? 'refused' : message.isFound ? 'unsent' : status ? 'waiting' : 'sending';

/** Draws a message, with why it waits ("" if it does not wait). */
export function draw(message, status = '') {
  const old = bubbleOf(message);
  const restore = holdScroll();
  const bubble = fromTemplate('message', stateOf(message, status));
  bubble.dataset.message = message.id;
  bubble.hidden = Boolean(message.isShown) && !message.refused;
  bubble.querySelector(':scope > p').textContent = message.text;
  setTime(bubble.querySelector('time'), new Date(message.at));
  const slot = bubble.querySelector('footer span');
  if (slot) slot.textContent = message.refused ? `Not sent. ${message.refused}` : message.isFound ? 'Not sent yet.' : status;
  if (old) old.replaceWith(bubble);
  else append(bubble);
  markSeen();
  restore();
}

function append(bubble) {
  document.getElementById('chat-fold').open = true;
  document.getElementById('no-messages')?.remove();
  document.getElementById('chat-log').append(bubble);
}
