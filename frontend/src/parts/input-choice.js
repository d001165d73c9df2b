// What a table may ask, to choose from by what it means; anything else can be written as an expression.
import { element } from './dom.js';
import { say } from './words.js';

export class InputChoice {
  // `added` is called when the table has got a column.
  constructor(dialog, tables, added) {
    this.dialog = dialog;
    this.tables = tables;
    this.added = added;
    this.known = JSON.parse(document.getElementById('table-inputs').textContent);
    this.search = dialog.querySelector('input');
    this.list = dialog.querySelector('ul');
    this.said = dialog.querySelector('[role="status"]');
    this.other = dialog.querySelector('[data-as-expression]');
    document.querySelector('[data-open-dialog="add-input"]').hidden = !tables.decisions.length;
    dialog.addEventListener('placet:opened', () => {
      this.search.value = '';
      this.show();
    });
    this.search.addEventListener('input', () => this.show());
    this.other.addEventListener('click', () => this.write());
    dialog.querySelector('form').addEventListener('submit', (event) => {
      event.preventDefault();
      this.enter();
    });
  }

  // All that the table is given: what we know, and what the file itself says.
  get all() {
    const names = new Set(this.known.map(({ name }) => name));
    return [...this.known, ...this.tables.declared.filter(({ name }) => !names.has(name))];
  }

  get text() {
    return this.search.value.trim();
  }

  show() {
    const sought = this.text.toLowerCase();
    const open = this.all.filter(({ name }) => !this.tables.asked.includes(name));
    this.shown = open.filter(({ name, label, meaning }) => [name, label, meaning].some((each) => each.toLowerCase().includes(sought)));
    this.list.replaceChildren(...this.shown.map((input) => this.draw(input)));
    this.list.hidden = !this.shown.length;
    if (this.shown.length) this.said.textContent = say('inputs_found', { n: this.shown.length });
    else this.said.textContent = say(open.length ? 'inputs_none' : 'inputs_all');
    this.other.hidden = !this.text || this.all.some(({ name }) => name === this.text);
    this.other.textContent = say('input_as_expression', { text: this.text });
  }

  draw(input) {
    const more = [input.meaning, input.values.length ? say('input_values', { values: input.values.join(', ') }) : ''];
    const button = element('button', { type: 'button' },
      element('b', {}, input.label), ' ', element('code', {}, input.name),
      ...more.filter(Boolean).map((text) => element('span', { class: 'dim small' }, text)));
    button.addEventListener('click', () => this.add(input));
    return element('li', {}, button);
  }

  // Enter takes the only one that is left, else what was written where nothing is called so.
  enter() {
    if (this.shown.length === 1) this.add(this.shown[0]);
    else if (!this.shown.length && this.text) this.write();
    else this.list.querySelector('button')?.focus();
  }

  write() {
    this.add({ name: this.text, label: this.text, type: 'Any', values: [] });
  }

  async add(input) {
    this.dialog.close();
    await this.tables.addInput(input, this.all);
    this.added();
    document.querySelector('[data-input-added]').textContent = say('input_added', { name: input.label });
  }
}
