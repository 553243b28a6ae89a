// Shows a banner while the browser has no connection. The page of a ticket knows more
// about its connection (ticket/live.js) and shows the banner itself.
import { announce } from '../lib/announcer.js';
import { hideBanner, showBanner } from '../lib/banner.js';

const isLiveTicket = () => document.querySelector('#ticket[data-chat]');
const show = () => { if (!isLiveTicket() && !document.querySelector('.banner')) showBanner('offline'); };

addEventListener('offline', show);
addEventListener('online', () => { if (!isLiveTicket() && hideBanner()) announce('The connection is back.'); });
addEventListener('DOMContentLoaded', () => { if (!navigator.onLine) show(); });
