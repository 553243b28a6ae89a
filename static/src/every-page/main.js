// The script of every page (app.js): what it adds to pages that work without script.
// Every module listens on the document, so that parts which htmx swaps in need no set-up.
import './links.js';
import './submit-guard.js';
import './sign-out.js';
import './local-times.js';
import './request-errors.js';
import './toasts.js';
import './offline.js';
import './focus.js';
import './replaced-target.js';
import { announce, toast } from '../lib/announcer.js';
import { hideBanner, showBanner } from '../lib/banner.js';
import { focusOn, fromTemplate, isChanged, make, setTime, signInURL, textOf, timeOfDay, userID, userKey } from '../lib/dom.js';
import { fetchFragment, isUnavailable } from '../lib/requests.js';
import { holdPosition } from '../lib/scroll-anchor.js';

// Later scripts of a page use these and do not bundle them again: see build.mjs.
globalThis.frontdesk = {
  announce, toast, hideBanner, showBanner, focusOn, fromTemplate, isChanged, make, setTime, signInURL, textOf, timeOfDay, userID, userKey,
  fetchFragment, isUnavailable, holdPosition,
};
