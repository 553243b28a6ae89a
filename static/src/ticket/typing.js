// Reports to the other readers that the user is writing, at most every 3 seconds for each field.
import { send } from './live.js';

const reportedAt = {};

addEventListener('input', event => {
  const field = { message: 'chat', text: 'comment', 'note-text': 'note' }[event.target.id];
  if (!field || !event.isTrusted || Date.now() - (reportedAt[field] ?? 0) < 3000) return;
  reportedAt[field] = Date.now();
  send({ type: 'typing', in: field });
});
