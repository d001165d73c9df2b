// A need's form: while its text is typed, the type that it is likely of is offered; taking it is one click.
import { askJson } from './parts/asking.js';
import { later } from './parts/dom.js';

const AFTER = 250;
const form = document.querySelector('[data-need-form]');
const { text, need_type: type } = form.elements;
const states = Object.fromEntries([...form.querySelectorAll('[data-suggestion]')].map((each) => [each.dataset.suggestion, each]));
let asked = 0;

function show(name) {
  Object.entries(states).forEach(([each, element]) => { element.hidden = each !== name; });
}

function offer({ status, type: suggested, confidence, missing }) {
  if (status === 'suggested') {
    const button = states.suggested.querySelector('button');
    button.textContent = suggested;
    states.suggested.querySelector('[data-confidence]').textContent = Math.min(Math.round(confidence * 100), 99); // nothing learned is certain
    button.setAttribute('aria-pressed', String(type.value.trim() === suggested));
  }
  if (status === 'untrained') {
    if (!missing) return show('');
    states.untrained.querySelector('[data-missing]').textContent = missing;
  }
  return show(status);
}

const ask = later(AFTER, async () => {
  asked += 1;
  const mine = asked;
  if (!text.value.trim()) {
    show('');
    return;
  }
  try {
    const answer = await askJson('/api/v1/needs/suggest-type', { method: 'POST', body: { text: text.value } });
    if (mine === asked) offer(answer);
  } catch {
    if (mine === asked) show('');
  }
});

text.addEventListener('input', ask);
type.addEventListener('input', () => states.suggested.querySelector('button').setAttribute('aria-pressed', 'false'));
states.suggested.querySelector('button').addEventListener('click', ({ currentTarget }) => {
  type.value = currentTarget.textContent;
  currentTarget.setAttribute('aria-pressed', 'true');
});
if (!type.value) ask();
form.dataset.ready = '';
