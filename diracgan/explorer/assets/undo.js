// What each change is about to replace; the moves of one slider are one change.
"use strict";

const Undo = (() => {
  const MOST = 100, past = [];
  let recent = null;
  const show = () => { document.getElementById("undo").disabled = !past.length; };

  // Keeps some entries of the state, or all of it.
  const remember = (s, keys, about = null) => {
    if (about && recent === about) return;
    recent = about;
    past.push(JSON.stringify(keys ? Object.fromEntries(keys.map(k => [k, s[k]])) : s));
    if (past.length > MOST) past.shift();
    show();
  };
  const last = () => { recent = null; return past.length ? JSON.parse(past.pop()) : null; };

  return { remember, last, show };
})();
