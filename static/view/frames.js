// Work that is too much for one frame goes on in the next ones. What is counted is the nodes that are made, and the time since the first of them:
// a slow device takes fewer in each frame.

/** After so many nodes, or so long, nothing more is begun in this frame; what has been begun is ended. */
const NODES_A_FRAME = 400;
const WORK_MS = 8; // Style and layout of what was made take twice as long again.
/** So many are made in each frame however long that takes: else a slow device, whose time is over once it has read the text, would never go on. */
const LEAST_NODES = 40;

let made = 0;
let since = 0;

/** Counts a node that is made. */
export function countNode() {
  if (made === 0) {
    since = performance.now();
    requestAnimationFrame(() => {
      made = 0;
    });
  }
  made += 1;
}

/** Whether the rest has to wait for the next frame. */
export function isFrameFull() {
  return made >= NODES_A_FRAME || (made >= LEAST_NODES && performance.now() - since > WORK_MS);
}

/**
 * Does work bit by bit: at once as far as this frame has room, then in each frame until it is done or its node has left the page.
 * @param {Node} node
 * @param {() => boolean} work does what this frame has room for; true when all is done
 */
export function overFrames(node, work) {
  const goOn = () => {
    if (node.isConnected && !work()) requestAnimationFrame(goOn);
  };
  if (!work()) requestAnimationFrame(goOn);
}
