// What each change is about to replace, and what an undo takes away; the moves of one slider are one change.
"use strict";

const Undo = (() => {
  const MOST = 100, past = [], future = [];
  let recent = null;
  const show = () => {
    document.getElementById("undo").disabled = !past.length;
    document.getElementById("redo").disabled = !future.length;
  };

  const remember = (s, about = null) => {
    if (about && recent === about) return;
    recent = about;
    past.push(JSON.stringify(s)); future.length = 0;
    if (past.length > MOST) past.shift();
    show();
  };
  // The state before or after `s`, or null.
  const taken = (from, to, s) => {
    recent = null;
    if (!from.length) return null;
    to.push(JSON.stringify(s));
    return JSON.parse(from.pop());
  };

  return { remember, back: s => taken(past, future, s), forth: s => taken(future, past, s), show };
})();
