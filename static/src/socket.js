// A websocket that comes back by itself. state(now, code) tells how it stands:
// 'open'; 'down' (it will be tried again); 'blocked' (twice running it did not get
// through, or did not last: ask by HTTP meanwhile); 'over' (with the code that
// ended it).
const final = new Set([1008, 4401, 4404]);
const spread = seconds => seconds * (700 + 600 * Math.random()); // milliseconds, ± 30 %

/** Keeps a socket open to the path that url() gives, read anew for each attempt. */
export function connect(url, { message, state }) {
  let socket = null;
  let timer = 0;
  let failed = 0; // attempts running that did not get through, or did not last
  let opened = 0; // when it was opened; 0: it is not open
  let heard = 0; // when something last came
  let ever = false; // it has been open
  let over = false;

  function open() {
    clearTimeout(timer);
    const own = socket = new WebSocket(new URL(url(), location.href.replace(/^http/, 'ws')));
    own.onopen = () => {
      if (own !== socket) return;
      opened = heard = Date.now();
      ever = true;
      state('open');
    };
    own.onmessage = event => {
      if (own !== socket) return;
      heard = Date.now();
      message(event.data);
    };
    own.onclose = event => { if (own === socket) closed(event.code); };
  }

  function closed(code) {
    failed = opened && Date.now() - opened > 5000 ? 0 : failed + 1;
    opened = 0;
    socket = null;
    over = final.has(code);
    if (over) return state('over', code);
    timer = setTimeout(open, wait(code));
    state(failed >= 2 ? 'blocked' : 'down', code);
  }

  function wait(code) {
    if (code === 1001 || code === 1012) return 500 + 4500 * Math.random(); // a server that goes has many to take back
    return spread(failed >= 2 && !ever ? 60 : Math.min(15, 0.5 * 2 ** failed));
  }

  function leave() {
    clearTimeout(timer);
    const old = socket;
    [socket, opened] = [null, 0]; // what it still says is not heard
    old?.close();
  }

  /** Connects anew at once, unless the socket is open, or whether it is or not. */
  function again(anyway = false) {
    if (over || (!anyway && socket && socket.readyState < 2)) return;
    leave();
    open();
  }

  const send = object => { if (socket?.readyState === 1) socket.send(JSON.stringify(object)); };

  // A connection that died without a word looks open for a quarter of an hour.
  function watch() {
    if (document.hidden || !opened || Date.now() - heard < 45_000) return;
    const before = heard;
    send({ type: 'ping' });
    setTimeout(() => { if (opened && heard === before) again(true); }, 10_000);
  }

  addEventListener('online', () => again(true));
  addEventListener('pagehide', leave); // an open socket would keep the page out of the browser's memory
  addEventListener('pageshow', event => { if (event.persisted) again(); });
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return;
    again();
    watch();
  });
  setInterval(watch, 30_000);
  open();
  return { again, send }; // sends where the socket is open: what passes need not be kept
}
