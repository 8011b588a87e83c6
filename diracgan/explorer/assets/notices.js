// Short messages that move nothing, and the dialog for text to be copied.
"use strict";

const Notices = (() => {
  const $ = id => document.getElementById(id);
  let leaving = 0;

  const say = (text, good = false, stays = false) => {
    clearTimeout(leaving);
    $("message").textContent = text; $("message").hidden = !text; $("message").className = good ? "good" : "bad";
    if (text && !stays) leaving = setTimeout(() => say(""), good ? 3000 : 12000);
  };

  const copied = async text => {
    try { await navigator.clipboard.writeText(text); return true; } catch { return false; }
  };
  const open = (title, text, note) => {
    $("h-code").textContent = title; $("code").textContent = text; $("copied").textContent = note;
    if (!$("dialog").open) $("dialog").showModal();
  };
  const link = async to => {
    if (await copied(to)) say("Link copied.", true);
    else open("Link to this view", to, "The browser did not allow copying: select the text and copy it.");
  };
  const python = async text => {
    open("This view in Python", text, "");
    $("copied").textContent = await copied(text) ? "Copied." : "The browser did not allow copying: select the text and copy it.";
  };

  $("close").onclick = () => $("dialog").close();
  return { say, link, python };
})();
