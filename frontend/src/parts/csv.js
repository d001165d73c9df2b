// Reads and writes RFC 4180 text, as a table's tests are kept.

export function readCsv(text) {
  const rows = [];
  let row = [''];
  let isQuoted = false;
  const source = text.replace(/^\uFEFF/, '');
  for (let at = 0; at < source.length; at += 1) {
    const sign = source[at];
    const last = row.length - 1;
    if (isQuoted && sign === '"' && source[at + 1] === '"') { row[last] += '"'; at += 1; }
    else if (sign === '"' && (isQuoted || row[last] === '')) isQuoted = !isQuoted;
    else if (isQuoted) row[last] += sign;
    else if (sign === ',') row.push('');
    else if (sign === '\n') { rows.push(row); row = ['']; }
    else if (sign !== '\r') row[last] += sign;
  }
  if (row.length > 1 || row[0] !== '') rows.push(row);
  return rows;
}

export function writeCsv(rows) {
  return rows.map((row) => `${row.map(cell).join(',')}\n`).join('');
}

function cell(text) {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
