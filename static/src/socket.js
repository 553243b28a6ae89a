// A websocket that comes back by itself. state(now, code) tells how it stands:
// 'open'; 'down' (it will be tried again); 'blocked' (no handshake got through
// twice running: ask by HTTP meanwhile); 'over' (with the code that ended it).
const final = new Set([1008, 4401, 4404]);
const spread = seconds => seconds * (700 + 600 * Math.random()); // milliseconds, ± 30 %

/** Keeps a socket open to the path that url() gives, read anew for each attempt. */
export function connect(url, { message, state }) {
  let socket = null;
  let timer = 0;
  let tries = 0; // since it was last open for a while
  let refused = 0; // handshakes running that did not get through
  let opened = 0; // when it was opened; 0: it is not open
  let ever = false;
  let over = false;

  function open() {
    clearTimeout(timer);
    const own = socket = new WebSocket(new URL(url(), location.href.replace(/^http/, 'ws')));
    own.onopen = () => {
      if (own !== socket) return;
      [opened, ever, refused] = [Date.now(), true, 0];
      state('open');
    };
    own.onmessage = event => { if (own === socket) message(event.data); };
    own.onclose = event => { if (own === socket) closed(event.code); };
  }

  function closed(code) {
    if (opened === 0) refused++;
    else if (Date.now() - opened > 5000) tries = 0;
    opened = 0;
    socket = null;
    over = final.has(code);
    if (over) return state('over', code);
    timer = setTimeout(open, wait(code));
    state(refused >= 2 ? 'blocked' : 'down', code);
  }

  function wait(code) {
    if (code === 1001 || code === 1012) return 500 + 4500 * Math.random(); // a server that goes has many to take back
    if (refused >= 2 && !ever) return spread(60);
    return spread(Math.min(15, 0.5 * 2 ** tries++));
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
    tries = 0;
    open();
  }

  addEventListener('online', () => again(true));
  addEventListener('pagehide', leave); // an open socket would keep the page out of the browser's memory
  addEventListener('pageshow', event => { if (event.persisted) again(); });
  document.addEventListener('visibilitychange', () => { if (!document.hidden) again(); });
  open();
  return {
    again,
    /** Sends where the socket is open; what is passing need not be kept. */
    send: object => { if (socket?.readyState === 1) socket.send(JSON.stringify(object)); },
  };
}
