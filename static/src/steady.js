import { make } from './dom.js';
import { hold } from './hold.js';

const log = () => document.querySelector('.chat-log');
const readsBack = box => box.scrollTop < -24; // the log is laid out from its foot, where scrollTop is 0

/** Notes where things are; call the result once the page has changed, with the rows that came. */
export function steady() {
  const correct = hold();
  const box = log();
  const back = box && readsBack(box);
  const edge = back && box.getBoundingClientRect().top;
  const line = back && [...box.querySelectorAll('#chat-log > li')].find(row => row.getBoundingClientRect().bottom > edge);
  const lineTop = line && line.getBoundingClientRect().top;
  return (rows = []) => {
    if (line?.isConnected) box.scrollTop += line.getBoundingClientRect().top - lineTop;
    correct();
    const fresh = back ? rows.filter(row => row.kind === 'line' && !row.mine).length : 0;
    if (fresh) offer(fresh);
  };
}

// ---- the way down

let below = 0;

function offer(fresh) {
  below += fresh;
  const words = `${below} new ${below === 1 ? 'message' : 'messages'} ↓`;
  const button = document.querySelector('.chat-jump button');
  if (button) { button.textContent = words; return; }
  const made = make('button', { class: 'btn', 'data-size': 'sm', type: 'button' }, words);
  made.addEventListener('click', () => { log().focus({ preventScroll: true }); toFoot(); });
  log().after(make('p', { class: 'chat-jump' }, made));
}

/** Scrolls the chat to its newest line: at once, as a line that comes meanwhile would end a slow way half-way. */
export const toFoot = () => log().scrollTo({ top: 0, behavior: 'instant' });

document.addEventListener('scroll', event => {
  if (event.target !== log() || readsBack(event.target)) return;
  below = 0;
  document.querySelector('.chat-jump')?.remove();
}, true);
