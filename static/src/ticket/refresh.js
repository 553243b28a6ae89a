// "Refresh" requests the updates at once instead of loading the page.
import { announce } from '../lib/announcer.js';
import { setTime } from '../lib/dom.js';
import { requestUpdates } from './live.js';
import { isLive } from './updates.js';

document.addEventListener('click', async event => {
  const link = event.target.closest?.('#refresh a');
  if (!isLive || !link || event.defaultPrevented) return;
  event.preventDefault();
  if (await requestUpdates()) return document.querySelector('#refresh a')?.focus();
  setTime(document.querySelector('#refresh time'), new Date());
  announce('Nothing new.');
});
