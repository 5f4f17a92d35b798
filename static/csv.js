// Tables as CSV (RFC 4180). A cell that a spreadsheet would take for a formula is marked as text.

const NUMBER = /^[+-]?[\d.,\s]*\d\s?%?$/;

/** @param {string[][]} rows @returns {string} */
export function csvOf(rows) {
  return rows.map((cells) => cells.map(cellOf).join(',')).join('\r\n');
}

/** @param {string} cell */
function cellOf(cell) {
  const isFormula = /^[=@\t\r]/.test(cell) || (/^[+-]/.test(cell) && !NUMBER.test(cell));
  const safe = isFormula ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
