// Keeps the scroll positions of the page and of the chat while entries arrive. To a reader
// of older messages a button offers the way to the new ones.
import { fromTemplate } from '../lib/dom.js';
import { holdPosition } from '../lib/scroll-anchor.js';

const log = () => document.querySelector('.chat-log');
const isScrolledBack = box => box.scrollTop < -24; // the log is laid out from its end, where scrollTop is 0

/** Records the scroll positions. Call the returned function after the change, with the added rows. */
export function holdScroll() {
  const restorePage = holdPosition();
  const box = log();
  const isBack = box && isScrolledBack(box);
  const edge = isBack && box.getBoundingClientRect().top;
  const anchor = isBack && [...box.querySelectorAll('#chat-log > li')].find(row => row.getBoundingClientRect().bottom > edge);
  const top = anchor && anchor.getBoundingClientRect().top;
  return (rows = []) => {
    if (anchor?.isConnected) box.scrollTop += anchor.getBoundingClientRect().top - top;
    restorePage();
    if (isBack) offerNewest(rows.filter(row => row.kind === 'message' && !row.isMine).length);
  };
}

let unseen = 0; // messages that arrived below the visible part

function offerNewest(count) {
  if (!count) return;
  unseen += count;
  const offer = document.querySelector('.chat-jump') ?? fromTemplate('chat-jump');
  offer.firstElementChild.textContent = `${unseen} new ${unseen === 1 ? 'message' : 'messages'} ↓`;
  if (!offer.isConnected) log().after(offer);
}

/** Scrolls the chat to its newest message, at once: a message that arrives would stop a smooth scroll. */
export const scrollToNewest = () => log().scrollTo({ top: 0, behavior: 'instant' });

document.addEventListener('click', event => {
  if (!event.target.closest?.('.chat-jump')) return;
  log().focus({ preventScroll: true });
  scrollToNewest();
});

document.addEventListener('scroll', event => {
  if (event.target !== log() || isScrolledBack(event.target)) return;
  unseen = 0;
  document.querySelector('.chat-jump')?.remove();
}, true);
