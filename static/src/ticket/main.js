// The page of a ticket (ticket.js), beside app.js.
import './load-scripts.js';
import '../lib/drafts.js';
import '../lib/unsaved.js';
import './facts.js';
import './seen.js';
import './comment.js';
import './typing.js';
import './shortcuts.js';
import './refresh.js';
import './announce-entries.js';
import { holdScroll, scrollToNewest } from './chat-scroll.js';
import { markSeen } from './insert-entries.js';
import { catchUp, endCode, requestUpdates, startFollowing } from './live.js';
import { storedPrefix } from './load-chat.js';
import { delayUpdates, lastSeq, root } from './updates.js';

// The script that sends chat messages uses these: see build.mjs.
Object.assign(frontdesk, { catchUp, delayUpdates, endCode, holdScroll, lastSeq, markSeen, requestUpdates, root, scrollToNewest, storedPrefix });

startFollowing();
