// What is wrong with an order, told by the words that its form has for the fields.
import { text } from '../strings.js';

// `fields` maps "lines.0.quantity" to what is wrong with it.
export function problems(fields) {
  return Object.entries(fields)
    .flatMap(([path, why]) => [why].flat().map((problem) => text('problemAt', { field: fieldWords(path), problem })))
    .join(' ');
}

function fieldWords(path) {
  const [, n, name] = path.match(/^lines\.(\d+)\.(\w+)$/) ?? [];
  return n === undefined ? text(`field.${path}`) : text('lineField', { n: Number(n) + 1, field: text(`field.lines.${name}`) });
}
