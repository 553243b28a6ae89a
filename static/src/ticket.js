// The page of a ticket, beside what app.js does for every page. This is a bundle
// of its own: the modules that both hold only answer when they are called.
import './attach.js';
import './drafts.js';
import './limit.js';
import './live.js';
import './chat.js';
import './reply.js';
import './keys.js';
import './refresh.js';
import './ears.js';
import './unsaved.js';
