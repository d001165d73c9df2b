// Moments come from the server in UTC; here they are told by the reader's own clock.
const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
const DAY = { day: 'numeric', month: 'short', year: 'numeric' };
const page = document.documentElement.lang;
const language = page === 'en' ? 'en-GB' : page;

const written = (at, options) => new Intl.DateTimeFormat(language, options).format(at);

export function localise(root = document) {
  root.querySelectorAll?.('time[datetime]:not([data-local])').forEach((time) => {
    const at = new Date(time.getAttribute('datetime'));
    if (Number.isNaN(at.valueOf())) return;
    time.dataset.local = '';
    time.title = written(at, { dateStyle: 'full', timeStyle: 'long' });
    if ('due' in time.dataset) time.textContent = time.textContent.replace(/\d\d:\d\d/, written(at, CLOCK));
    else time.textContent = written(at, isToday(at) ? CLOCK : { ...DAY, ...CLOCK });
  });
}

// An hour by the reader's clock, written as all pages write it.
export const clock = (at) => written(at, CLOCK);

const isToday = (at) => at.toDateString() === new Date().toDateString();
