// "Refresh" asks at once instead of loading the page, and says so when there is nothing.
import { ask, live } from './live.js';
import { clock } from './dom.js';
import { say } from './say.js';

document.addEventListener('click', async event => {
  const link = event.target.closest?.('#refresh a');
  if (!live || !link || event.defaultPrevented) return;
  event.preventDefault();
  if (await ask()) return document.querySelector('#refresh a')?.focus();
  document.querySelector('#refresh time')?.replaceWith(clock(new Date()));
  say('Nothing new.');
});
