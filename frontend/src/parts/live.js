// Changes as they happen: a stream from the events process, and polling as the net below it.
// [data-live="kinds"] elements get a `refresh` event; data-live-subject and data-live-mine narrow it.
import { askJson, eventsUrl } from './asking.js';
import { noteFailure, noteSuccess } from './connection.js';
import { isBusy, later } from './dom.js';
import { say } from './saying.js';
import { text } from './strings.js';

const POLL_EVERY = 30_000;
const LONGEST_PAUSE = 30_000;
const WAIT_WHILE_BUSY = 2_000;
let source = null;
let lastId = '';
let pause = 1_000;
let reconnecting = null;
const pending = new Map();

async function connect() {
  reconnecting = null;
  try {
    const { ticket, url } = await askJson('/events/ticket');
    noteSuccess();
    const address = new URL(url);
    address.searchParams.set('ticket', ticket);
    if (lastId) address.searchParams.set('last_event_id', lastId);
    source = new EventSource(address);
    source.addEventListener('open', () => { pause = 1_000; document.documentElement.dataset.liveStream = 'open'; });
    source.addEventListener('change', ({ data, lastEventId }) => hear(JSON.parse(data), lastEventId));
    source.addEventListener('reload', ({ lastEventId }) => hear(null, lastEventId));
    source.addEventListener('error', reconnect);
  } catch (error) {
    if (error instanceof TypeError) noteFailure();
    reconnect();
  }
}

// A ticket opens the stream for a minute only: each new connection needs a fresh one.
function reconnect() {
  source?.close();
  source = null;
  delete document.documentElement.dataset.liveStream;
  if (reconnecting) return;
  reconnecting = setTimeout(connect, pause * (0.75 + Math.random() / 2));
  pause = Math.min(pause * 2, LONGEST_PAUSE);
}

function hear(change, id) {
  lastId = id || lastId;
  document.querySelectorAll('[data-live]').forEach((part) => {
    if (!change || concerns(part.dataset, change)) queue(part, change);
  });
  flush();
}

function concerns({ live, liveSubject, liveMine }, { kind, subject, mine }) {
  if (live && !live.split(' ').includes(kind)) return false;
  if (liveSubject && liveSubject !== subject) return false;
  return liveMine === undefined || mine;
}

function queue(part, change) {
  const changes = pending.get(part) ?? [];
  pending.set(part, [...changes, change]);
}

const flush = later(150, () => {
  pending.forEach((changes, part) => {
    if (!part.isConnected) {
      pending.delete(part);
      return;
    }
    const shown = document.querySelector(part.getAttribute('hx-target')) ?? part;
    if (!('liveHold' in part.dataset) && isBusy(shown)) {
      say(text('newsLater'));
      setTimeout(flush, WAIT_WHILE_BUSY);
      return;
    }
    pending.delete(part);
    part.dispatchEvent(new CustomEvent('refresh', { detail: { changes } }));
  });
});

function poll() {
  if (!source || source.readyState !== EventSource.OPEN) hear(null, '');
}

if (eventsUrl() && document.querySelector('[data-live]')) {
  connect();
  setInterval(poll, POLL_EVERY);
  document.addEventListener('placet:online', () => hear(null, ''));
  window.addEventListener('pagehide', () => source?.close());
  window.addEventListener('pageshow', ({ persisted }) => persisted && reconnect());
}
