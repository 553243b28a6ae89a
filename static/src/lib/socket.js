// A websocket that reconnects by itself. state(now, code) reports its state: "open";
// "down" (it will reconnect); "blocked" (two attempts in succession failed or did not
// last: use HTTP meanwhile); "over" (it does not reconnect; code is why it was closed).
const finalCodes = new Set([1008, 4401, 4404]);
const spread = seconds => seconds * (700 + 600 * Math.random()); // milliseconds, ± 30 %

/** Keeps a socket open to the address that url() returns, read again for each attempt. */
export function connect(url, { message, state }) {
  let socket = null;
  let timer = 0;
  let failures = 0; // attempts in succession that failed or did not last
  let openedAt = 0; // 0 while it is not open
  let receivedAt = 0;
  let hasOpened = false;
  let isOver = false;

  function open() {
    clearTimeout(timer);
    const own = socket = new WebSocket(new URL(url(), location.href.replace(/^http/, 'ws')));
    own.onopen = () => {
      if (own !== socket) return;
      openedAt = receivedAt = Date.now();
      hasOpened = true;
      state('open');
    };
    own.onmessage = event => {
      if (own !== socket) return;
      receivedAt = Date.now();
      message(event.data);
    };
    own.onclose = event => { if (own === socket) closed(event.code); };
  }

  function closed(code) {
    failures = openedAt && Date.now() - openedAt > 5000 ? 0 : failures + 1;
    openedAt = 0;
    socket = null;
    isOver = finalCodes.has(code);
    if (isOver) return state('over', code);
    timer = setTimeout(open, delay(code));
    state(failures >= 2 ? 'blocked' : 'down', code);
  }

  function delay(code) {
    if (code === 1001 || code === 1012) return 500 + 4500 * Math.random(); // after a restart of the server, many reconnect
    return spread(failures >= 2 && !hasOpened ? 60 : Math.min(15, 0.5 * 2 ** failures));
  }

  function close() {
    clearTimeout(timer);
    const old = socket;
    [socket, openedAt] = [null, 0]; // later events of the old socket are ignored
    old?.close();
  }

  /** Reconnects at once. A socket that is open or connecting is kept unless forced. */
  function reconnect(force = false) {
    if (isOver || (!force && socket && socket.readyState < 2)) return;
    close();
    open();
  }

  /** Sends an object as JSON if the socket is open, and drops it otherwise. */
  const send = object => { if (socket?.readyState === 1) socket.send(JSON.stringify(object)); };

  // A connection that was cut without a close frame looks open for a quarter of an hour.
  function check() {
    if (document.hidden || !openedAt || Date.now() - receivedAt < 45_000) return;
    const before = receivedAt;
    send({ type: 'ping' });
    setTimeout(() => { if (openedAt && receivedAt === before) reconnect(true); }, 10_000);
  }

  addEventListener('online', () => reconnect(true));
  addEventListener('pagehide', close); // with an open socket, the browser does not keep the page for Back
  addEventListener('pageshow', event => { if (event.persisted) reconnect(); });
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return;
    reconnect();
    check();
  });
  setInterval(check, 30_000);
  open();
  return { reconnect, send };
}
