// What the customer may want next, beside the lines: one press makes it one, the next goes to its quantity.
import { say } from '../saying.js';
import { text } from '../strings.js';
import * as lines from './lines.js';

const offers = document.querySelector('[data-offers]');
const buttons = () => offers.querySelectorAll('[data-offer]');

// A line may be removed or changed by hand: the buttons follow what is there.
export function follow() {
  buttons().forEach((button) => {
    const isThere = lines.hasProduct(button.dataset.offer);
    button.textContent = text(isThere ? 'onOrder' : 'addOffer');
    button.classList.toggle('quiet', isThere);
    button.setAttribute('aria-label', `${button.textContent}: ${button.dataset.name}`);
  });
}

offers.addEventListener('click', ({ target }) => {
  const button = target.closest('[data-offer]');
  if (!button) return;
  const { offer: id, name, price } = button.dataset;
  if (lines.hasProduct(id)) {
    lines.focusProduct(id);
    return;
  }
  lines.addProduct({ id, name, price });
  say(text('lineAdded', { name }));
});

document.addEventListener('htmx:afterSettle', ({ detail }) => detail.elt === offers && follow());
follow();
