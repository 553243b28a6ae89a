// The form of a ticket, new or edited: a page of its own, beside app.js.
import './drafts.js';
import './limit.js';
import './uploads.js';
