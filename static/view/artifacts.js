// Artifacts on the page: pictures are shown as far as their bytes allow, every other file is only offered for saving.

import { isShared, keyring, unreachable } from '../api.js';
import { artifactsOf, isPlaced } from '../artifacts.js';
import { bytes, text } from '../strings.js';
import { fileWords } from '../strings-on-need.js';
import { guardedNode } from './boundary.js';
import { byId, el, setText } from './dom.js';
import { list } from './parts.js';

/** @typedef {import('../artifacts.js').Artifact} Artifact */

const MOST_PICTURES = 32; // As many as a program hands back. Those after them are only offered for saving.

/** Loaded on need: most runs have no files. @type {Promise<typeof import('./files.js')> | null} */
let loaded = null;

/** Rejects with an Error that says why. */
function files() {
  byId('run').addEventListener('left', release);
  loaded ??= import('./files.js').catch(() => {
    loaded = null;
    throw new Error(unreachable.message);
  });
  return loaded;
}

/** Gives back the memory of all that was fetched. */
function release() {
  loaded?.then((its) => its.release(), () => undefined);
}

/** The files of a run that do not stand in its answer, as a part of the page. @param {HTMLElement} node @param {import('../fold.js').RunState} state */
export function showFiles(node, state) {
  const answer = state.final?.content ?? '';
  const artifacts = artifactsOf(state, location.origin).filter(({ name, image }) => image === null || !isPlaced(answer, name));
  node.hidden = artifacts.length === 0;
  if (!node.hidden) node.replaceChildren(el('h2', {}, text.labels.files), guardedNode(() => artifactList(artifacts)));
}

/** Whether an address can be given to the browser as it is. */
function isOpen() {
  return keyring.key() === '' && !isShared;
}

/** @param {Artifact[]} artifacts @returns {HTMLElement} */
export function artifactList(artifacts) {
  const pictures = artifacts.filter(({ image }) => image !== null).slice(0, MOST_PICTURES);
  const others = artifacts.filter((artifact) => !pictures.includes(artifact));
  const node = el('div', { class: 'artifacts' }, ...pictures.map((artifact) => guardedNode(() => figure(artifact))));
  if (others.length > 0) node.append(list(others, (artifact) => el('li', {}, saveLink(artifact, nameAndSize(artifact))), { class: 'saves' }));
  return node;
}

/** A file in the text that names it. @param {Artifact} artifact @param {string} said @param {boolean} isPicture whether it is meant as one @returns {HTMLElement} */
export function fileInText(artifact, said, isPicture) {
  return isPicture && artifact.image !== null ? figure(artifact, said) : saveLink(artifact, said || artifact.name);
}

/** @param {Artifact} artifact @param {string} [said] what the text says of it */
function figure(artifact, said = '') {
  const img = el('img', { alt: said || artifact.name, decoding: 'async', loading: 'lazy', draggable: 'false' });
  const open = el('a', { class: 'picture', target: '_blank', rel: 'noopener noreferrer' }, img);
  const why = el('span');
  const again = el('button', { type: 'button', class: 'secondary' }, text.again);
  const failed = el('div', { class: 'picture-failed', hidden: true }, why, again);
  const node = el('figure', {}, open, failed, el('figcaption', {}, el('span', {}, nameAndSize(artifact)), saveLink(artifact, fileWords.save)));

  /** @param {string} url of a blob */
  const show = (url) => {
    const hadFocus = document.activeElement === again;
    failed.hidden = true;
    open.hidden = false;
    // The address itself can be kept and sent on.
    open.href = isOpen() ? artifact.url : url;
    img.src = url;
    if (hadFocus) open.focus({ preventScroll: true });
  };
  /** @param {string} message @param {boolean} forGood */
  const fail = (message, forGood) => {
    setText(why, `${forGood ? fileWords.saveOnly(artifact.name) : fileWords.notShown(artifact.name)} ${message}`);
    again.hidden = forGood;
    failed.hidden = false;
    open.hidden = true;
  };
  const fetchIt = () => files().then((its) => its.pictureUrl(artifact)).then(show, (/** @type {Error} */ error) => fail(error.message, error.name === 'NotShown'));
  again.addEventListener('click', () => void fetchIt());
  img.addEventListener('error', () => fail(fileWords.noPicture, false));
  whenSeen(node, () => void fetchIt());
  return node;
}

/** @param {Artifact} artifact @param {string} label */
function saveLink(artifact, label) {
  const link = el('a', { href: artifact.url, download: artifact.name }, label);
  const error = el('span', { class: 'field-error', role: 'alert' });
  link.setAttribute('aria-label', fileWords.saveNamed(nameAndSize(artifact)));
  link.addEventListener('click', (event) => {
    if (isOpen() || link.href.startsWith('blob:')) return;
    event.preventDefault();
    setText(error, '');
    files().then((its) => its.savedUrl(artifact)).then(
      (url) => {
        link.href = url;
        link.click();
        link.href = artifact.url;
      },
      (/** @type {Error} */ { message }) => setText(error, `${fileWords.notSaved} ${message}`),
    );
  });
  return el('span', { class: 'save' }, link, error);
}

/** @param {HTMLElement} node @param {() => void} act */
function whenSeen(node, act) {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
    observer.disconnect();
    act();
  }, { rootMargin: '200px' });
  observer.observe(node);
}

/** @param {Artifact} artifact */
function nameAndSize({ name, bytes: size }) {
  return size === null ? name : `${name}, ${bytes(size)}`;
}
