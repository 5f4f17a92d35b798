// What the tools are called where there is little room.

import { shortened } from '../../strings.js';

const names = new Map([['code_interpreter', 'code'], ['enhance_reasoning', 'reasoning'], ['read_url', 'page']]);

/** @param {string} tool */
export function shortName(tool) {
  return names.get(tool) ?? shortened(tool);
}
