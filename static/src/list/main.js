// The lists of tickets and the queue (list.js), beside app.js.
import '../lib/filters.js';
import './changes.js';
import './open-rows.js';
import './focus.js';
