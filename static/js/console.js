/* The agents' console, live: the socket says that something changed, htmx fetches the parts again. Without this file the
   same page works by its links and forms. */
(function () {
  "use strict";
  var root = document.querySelector("[data-console]"), PING = 10000, SILENCE = 25000, LONGEST_WAIT = 8000, AGE = 30000;
  var socket = null, wait = 500, nextTry = 0, heard = 0, pinged = 0, refreshed = Date.now(), due = 0;
  if (!root) return;

  /* Never under the fingers: while the keyboard is in the queue or the tabs, they stay as they are. */
  function isInUse() {
    var active = document.activeElement;
    return !!(active && active.closest && active.closest("#file, #onglets") && active.matches(":focus-visible"));
  }

  function refreshSoon() {
    if (!due) due = Date.now() + 200 + Math.random() * 300;
  }

  function refresh(now) {
    if (isInUse() || document.visibilityState === "hidden") return;
    due = 0;
    refreshed = now;
    document.dispatchEvent(new CustomEvent("file"));
  }

  function connect() {
    nextTry = Infinity;
    socket = new WebSocket((location.protocol === "https:" ? "wss://" : "ws://") + location.host + root.getAttribute("data-console"));
    socket.onopen = function () {
      heard = pinged = Date.now();
      wait = 500;
      refreshSoon();
    };
    socket.onmessage = function (event) {
      heard = Date.now();
      var kind = JSON.parse(event.data).t;
      if (kind === "queue" || kind === "conversation") refreshSoon();
    };
    socket.onclose = function (event) { lost(event.code); };
  }

  function lost(code) {
    if (!socket) return;
    socket.onclose = null;
    socket.close();
    socket = null;
    if (code === 4401) return location.reload();
    nextTry = Date.now() + (code === 4429 ? 10000 : wait) * (0.5 + Math.random());
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }

  function beat() {
    var now = Date.now(), open = socket && socket.readyState === 1;
    if (open && now - heard > SILENCE) lost(0);
    else if (open && now - pinged > PING) {
      pinged = now;
      socket.send(JSON.stringify({ t: "ping", seq: 0 }));
    } else if (!socket && now >= nextTry) connect();
    if (due && now >= due) refresh(now);
    /* The minutes of waiting grow; and where websockets do not pass, this is the only news. */
    if (now - refreshed > (open ? AGE : AGE / 3)) refresh(now);
  }

  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState !== "hidden") refreshSoon();
  });

  /* --- Ready-made sentences go into the answer; they are never sent by themselves. */
  function phrases() {
    Array.prototype.forEach.call(document.querySelectorAll("[data-phrases][hidden]"), function (box) {
      box.hidden = false;
      box.addEventListener("click", function (event) {
        var button = event.target.closest("button"), text = box.parentNode.querySelector("form.composer textarea");
        if (!button || !text) return;
        text.value = (text.value ? text.value.replace(/\s*$/, "\n") : "") + button.value;
        text.dispatchEvent(new Event("input", { bubbles: true }));
        text.focus();
      });
    });
  }

  document.addEventListener("keydown", function (event) {
    var typing = /^(TEXTAREA|INPUT|SELECT)$/.test(event.target.tagName), first;
    if (event.altKey && /^[1-9]$/.test(event.key)) {
      first = document.querySelectorAll("#onglets a")[Number(event.key) - 1];
    } else if (event.key === "/" && !typing) {
      first = document.querySelector("[data-phrases] button");
      if (first) event.preventDefault(), first.focus();
      return;
    }
    if (first) event.preventDefault(), first.click();
  });

  document.addEventListener("htmx:load", phrases);
  phrases();
  setInterval(beat, 250);
  connect();
})();
