// The banner above the page about the connection. Its texts are in its template.
import { announce } from './announcer.js';
import { fromTemplate, signInURL, textOf } from './dom.js';
import { holdPosition } from './scroll-anchor.js';

/** Shows the banner for a state of the connection: "offline", "signed-out" or "deleted". */
export function showBanner(state) {
  const banner = fromTemplate('banner', state);
  banner.querySelector('a')?.setAttribute('href', signInURL());
  const restore = holdPosition();
  hideBanner();
  document.querySelector('.desk, #main').before(banner); // .desk is around #main and the list of views
  restore();
  announce(textOf(banner));
}

/** Removes the banner. Returns whether there was one. */
export function hideBanner() {
  const banner = document.querySelector('.banner');
  if (!banner) return false;
  const restore = holdPosition();
  banner.remove();
  restore();
  return true;
}
