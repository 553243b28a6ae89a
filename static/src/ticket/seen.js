// Reports to the server up to which entry the user has seen the log, at most once a second.
import { lastSeq } from './updates.js';
import { isConnected, send } from './live.js';

let reportedSeq = 0;
let timer = 0;

function report() {
  if (timer || document.hidden || !isConnected() || lastSeq() <= reportedSeq) return;
  reportedSeq = lastSeq();
  send({ type: 'seen', seq: reportedSeq });
  timer = setTimeout(() => { timer = 0; report(); }, 1000);
}

document.addEventListener('live:open', () => { reportedSeq = 0; report(); });
document.addEventListener('live:updates', report);
document.addEventListener('visibilitychange', report);
