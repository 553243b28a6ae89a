// Follows the log of the ticket: by a socket, or by polling where sockets are blocked.
import { announce } from '../lib/announcer.js';
import { hideBanner, showBanner } from '../lib/banner.js';
import { showUnread } from '../lib/notification-count.js';
import { fetchFragment } from '../lib/requests.js';
import { connect } from '../lib/socket.js';
import { applyUpdates, emit, isLive, lastSeq, root, sleep } from './updates.js';

let socket = null;
let connection = 'down'; // the state of the socket, see lib/socket.js
let reachable = true; // the server answers, by the socket or by HTTP
let ended = 0; // why nothing more comes: a close code of the socket; 0: it goes on
let polling = 0; // the timer of the next poll; -1 while one is under way; 0: there is no polling
let bannerTimer = 0;

export const isReachable = () => reachable;
export const isConnected = () => connection === 'open';
export const endCode = () => ended;
/** Sends an object by the socket if it is open. */
export const send = message => socket?.send(message);

function setReachable(now) {
  if (ended || reachable === now) return;
  reachable = now;
  if (!now) {
    bannerTimer ||= setTimeout(showOffline, 2000); // most losses end before that
    return;
  }
  clearTimeout(bannerTimer);
  bannerTimer = 0;
  if (hideBanner()) announce('The connection is back.');
  if (connection !== 'open') socket.reconnect();
  emit('online');
}

const showOffline = () => { if (!document.querySelector('.banner')) showBanner('offline'); };

function end(code) {
  ended = code;
  clearTimeout(bannerTimer);
  stopPolling();
  showBanner(code === 4401 ? 'signed-out' : 'deleted');
  emit('ended', { code });
}

// ---- requests

let running = null;
let next = null;

/** Requests the entries after the last one on the page. Resolves to whether there were any.
 * A call during a request makes one more request after it. */
export function requestUpdates() {
  if (ended) return Promise.resolve(false);
  if (!running) return running = fetchUpdates().finally(() => { running = null; });
  return next ??= running.then(() => { next = null; return requestUpdates(); });
}

async function fetchUpdates() {
  const before = lastSeq();
  try {
    for (let more = true; more;) {
      const last = lastSeq();
      const seen = document.hidden ? '' : `&seen=${last}`;
      const response = await fetchFragment(`${root.dataset.events}?after=${last}${seen}`);
      if (response.status === 401 || response.status === 404) end(response.status + 4000);
      if (!response.ok) return setReachable(response.status < 500), false;
      const text = await response.text();
      setReachable(true);
      await applyUpdates(text);
      more = /^[^>]*\bdata-more\b/.test(text) && lastSeq() > last;
    }
  } catch {
    setReachable(false);
  }
  return lastSeq() > before;
}

/** Waits for the result of the user's own action: the socket brings it, or it is requested. */
export async function catchUp() {
  if (!isLive) return;
  const before = lastSeq();
  if (connection !== 'open') return void requestUpdates();
  await sleep(1500);
  if (lastSeq() === before && await requestUpdates()) socket.reconnect(true); // it is open but brings nothing
}

function startPolling() {
  if (polling === 0 && !ended) poll();
}

async function poll() {
  clearTimeout(polling);
  polling = -1;
  await requestUpdates();
  if (polling !== -1) return;
  polling = setTimeout(poll, (document.hidden ? 30_000 : 5000) * (0.9 + 0.2 * Math.random()));
}

function stopPolling() {
  clearTimeout(polling);
  polling = 0;
}

// ---- the socket

function setConnection(now, code) {
  connection = now;
  if (now === 'open') {
    stopPolling();
    setReachable(true);
    return emit('open');
  }
  for (const id of ['presence', 'colleagues']) document.getElementById(id)?.replaceChildren(); // unknown without a socket
  if (now === 'over' && code !== 1008) return end(code);
  if (now === 'down') setReachable(false);
  else startPolling();
}

let hiddenAt = 0;

function visibilityChanged() {
  if (document.hidden) { hiddenAt = Date.now(); return; }
  if (polling > 0) poll();
  else if (Date.now() - hiddenAt > 60_000) requestUpdates(); // a socket that looks open may be dead by now
}

/** Starts to follow the log, if the page shows its end. */
export function startFollowing() {
  if (!isLive) return;
  document.addEventListener('live:gap', requestUpdates);
  socket = connect(() => `${root.dataset.chat}?after=${lastSeq()}`, {
    message: text => { if (text.startsWith('{')) showUnread(text); else applyUpdates(text); },
    state: setConnection,
  });
  addEventListener('offline', () => { setReachable(false); showOffline(); requestUpdates(); }); // the browser may be wrong
  addEventListener('online', requestUpdates);
  document.addEventListener('visibilitychange', visibilityChanged);
}
