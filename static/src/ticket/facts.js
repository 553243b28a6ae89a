// Updates of chat messages do not contain the ticket's facts, though they may change the
// status and the waiting time. The facts are requested when the chat pauses.
import { fetchFragment } from '../lib/requests.js';
import { applyUpdates, lastSeq, root } from './updates.js';
import { endCode } from './live.js';

let knownSeq = 0; // the facts on the page are those of this entry; 0: they are up to date
let timer = 0;

document.addEventListener('live:updates', ({ detail: { from, hasFacts } }) => {
  clearTimeout(timer);
  if (hasFacts) knownSeq = 0;
  else knownSeq ||= from;
  if (knownSeq) timer = setTimeout(requestFacts, 2000 + 1000 * Math.random());
});

document.addEventListener('visibilitychange', () => { if (knownSeq) requestFacts(); });

async function requestFacts() {
  if (endCode() || document.hidden) return; // requested when the tab is shown
  const [since, last] = [knownSeq, lastSeq()];
  try {
    const response = await fetchFragment(`${root.dataset.events}?after=${last}&facts=${since}`);
    if (!response.ok || lastSeq() !== last) return;
    knownSeq = 0;
    await applyUpdates(await response.text());
  } catch { /* requested again after the next message */ }
}
