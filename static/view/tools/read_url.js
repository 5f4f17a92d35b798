// What was read at an address: the page's title, what it says, its links and files. Loaded on need: most runs read no page.

import { artifactsIn } from '../../artifacts.js';
import { field, listIn, misfits, textIn } from '../../json.js';
import { text } from '../../strings.js';
import { artifactList } from '../artifacts.js';
import { el, hostOf, safeLink } from '../dom.js';
import { json, list, part, prose } from '../parts.js';

const { labels } = text;

/** @type {import('../../json.js').Shape} */
const resultShape = { url: 'string', title: 'string', text: 'string', links: 'list', truncated: 'boolean', artifacts: 'list' };

/** @param {unknown} result any JSON @returns {HTMLElement[]} */
export function output(result) {
  const url = textIn(result, 'url');
  const says = textIn(result, 'text');
  const links = listIn(result, 'links');
  const files = artifactsIn(result, location.origin);
  const rest = misfits(result, resultShape, false);
  const cut = field(result, 'truncated') === true ? [el('p', { class: 'note' }, 'Shortened. The page says more.')] : [];
  return [
    ...(url === '' ? [] : [part('Page', linkRow(url, textIn(result, 'title')))]),
    ...(says === '' ? [] : [part(labels.output, prose(says), ...cut)]),
    ...(files.length > 0 ? [part(labels.files, artifactList(files))] : []),
    ...(links.length > 0 ? [part('Links', list(links, linkOf, { class: 'results' }))] : []),
    ...(rest === undefined ? [] : [part(labels.output, json(rest))]),
  ];
}

/** @param {string} url @param {string} says */
function linkRow(url, says) {
  return el('p', {}, safeLink(url, says || url), ' ', el('span', { class: 'host' }, hostOf(url)));
}

/** @param {unknown} link */
function linkOf(link) {
  const url = textIn(link, 'url');
  return url === '' ? el('li', {}, json(link)) : el('li', {}, safeLink(url, textIn(link, 'text') || url), el('span', { class: 'host' }, hostOf(url)));
}
