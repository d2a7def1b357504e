/* The agents' console, live: the socket says that something changed, htmx fetches the parts again. Without this file the
   same page works by its links and forms. */
(function () {
  "use strict";
  var root = document.querySelector("[data-console]"), PING = 10000, SILENCE = 25000, LONGEST_WAIT = 8000, AGE = 30000;
  var socket = null, wait = 500, nextTry = 0, heard = 0, pinged = 0, refreshed = Date.now(), due = 0, held = "", asked = false;
  var LIVE = "#file, #onglets, #service, #urgences", PATIENCE = 15000;
  if (!root) return;

  /* Not at once under the fingers: while the keyboard is in the queue or the tabs they stay as they are, for a while;
     then the same link or button keeps the focus. */
  function inUse() {
    var active = document.activeElement;
    return active && active.closest && active.closest(LIVE) && active.matches(":focus-visible") ? active : null;
  }

  function nameOf(node) {
    return [node.tagName, node.getAttribute("href"), node.getAttribute("name"), node.value, node.form && node.form.getAttribute("action")].join(" ");
  }

  function refreshSoon() {
    if (!due) due = Date.now() + 200 + Math.random() * 300;
  }

  function refresh(now) {
    var active = inUse();
    if (active && now - Math.max(due, refreshed) < PATIENCE) return;
    held = active ? nameOf(active) : "";
    due = 0;
    refreshed = now;
    asked = false;
    document.dispatchEvent(new CustomEvent("file"));
    if (!asked) refreshSoon();
  }

  /* One question at a time (hx-sync): the last click wins over the one before it and over a refresh, whose answer would
     show what was chosen before. What gave way is asked again. */
  document.addEventListener("htmx:beforeRequest", function (event) {
    if (event.target.id === "file") asked = true;
  });
  document.addEventListener("htmx:sendAbort", refreshSoon);

  /* A pause or the sound goes beside a click on a conversation, never in its place; the queue is asked for again after. */
  document.addEventListener("htmx:afterRequest", function (event) {
    if (event.detail.target && event.detail.target.id === "service") refreshSoon();
  });

  /* The address says what is shown, so that loading the page again, or signing in again, shows it again. Who opened it
     by the keyboard writes at once. */
  document.addEventListener("htmx:afterRequest", function (event) {
    var detail = event.detail, cause = detail.requestConfig.triggeringEvent, way = detail.pathInfo;
    if (!detail.successful || !detail.target || detail.target.id !== "poste") return;
    history.replaceState(history.state, "", way.finalRequestPath + (way.anchor ? "#" + way.anchor : ""));
    if (!cause || cause.detail !== 0) return;
    held = "";
    var next = document.querySelector("#parler form.composer textarea") || document.getElementById("parler");
    if (next) next.focus({ preventScroll: true });
  });

  function takeBack() {
    if (!held || inUse()) return;
    Array.prototype.some.call(document.querySelectorAll(LIVE), function (box) {
      return Array.prototype.some.call(box.querySelectorAll("a, button"), function (node) {
        if (nameOf(node) !== held) return false;
        node.focus({ preventScroll: true });
        return true;
      });
    });
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
      if (kind === "beat") socket.send(JSON.stringify({ t: "ping", seq: 0 })); /* hidden: our own beat sleeps */
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
    if (now - refreshed > (open ? AGE : AGE / 3) && document.visibilityState !== "hidden") refresh(now);
  }

  document.addEventListener("visibilitychange", function () {
    if (document.visibilityState !== "hidden") refreshSoon();
  });

  /* --- Ready-made answers go into the composer; they are never sent by themselves. Without script the same buttons ask
     the server to put them there. */
  function fold(text) {
    return text.toLowerCase().replace(/\u0153/g, "oe").normalize("NFD").replace(/[\u0300-\u036f]/g, "").split(/[^a-z0-9]+/).filter(Boolean);
  }

  function find(box) {
    var words = fold(box.value), list = box.closest("[data-phrases]"), count = 0;
    Array.prototype.forEach.call(list.querySelectorAll("[data-words]"), function (line) {
      var known = line.getAttribute("data-words");
      line.hidden = words.length ? !words.every(function (word) { return known.indexOf(word) >= 0; }) : line.hasAttribute("data-aside");
      if (!line.hidden) count += 1;
    });
    list.querySelector("[data-found]").textContent = count + (count > 1 ? " réponses" : " réponse");
  }

  function write(text, from) {
    var pane = from.closest("[data-conversation], .console") || document, box = pane.querySelector("form.composer textarea");
    if (!box) return;
    box.value = (box.value.trim() ? box.value.replace(/\s*$/, "\n") : "") + text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.focus();
  }

  function choose(button) {
    var box = button.closest("[data-phrases]");
    write(button.getAttribute("data-text"), button);
    if (!box) return;
    box.open = false;
    box.querySelector("[data-find]").value = "";
    find(box.querySelector("[data-find]"));
  }

  function shownIn(box) {
    return Array.prototype.slice.call(box.querySelectorAll("li:not([hidden]) > button"));
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest && event.target.closest("button");
    if (!button) return;
    if (button.hasAttribute("data-text")) event.preventDefault(), choose(button);
    else if (button.closest(".phrases__find")) event.preventDefault(), find(button.closest("[data-phrases]").querySelector("[data-find]"));
  });

  /* Browsers of before 2025 do not unfold what a link leads to. */
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a[data-unfold]"), form = link && document.getElementById(link.hash.slice(1));
    if (!form) return;
    form.closest("details").open = true;
    setTimeout(function () { form.querySelector("input:not([type=hidden])").focus({ preventScroll: true }); });
  });

  document.addEventListener("input", function (event) {
    if (event.target.hasAttribute("data-find")) find(event.target);
  });

  function inPhrases(event, box) {
    var list = shownIn(box), at = list.indexOf(event.target), step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") {
      event.preventDefault();
      box.open = false;
      (box.closest(".pane").querySelector("form.composer textarea") || box).focus();
    } else if (event.key === "Enter" && event.target.hasAttribute("data-find")) {
      event.preventDefault();
      if (list[0]) choose(list[0]);
    } else if (step && (list[at + step] || at + step < 0)) {
      event.preventDefault();
      (list[at + step] || box.querySelector("[data-find]")).focus();
    }
  }

  /* Where « / » is only a letter; in an answer not begun yet it asks for the ready-made ones. */
  function isTyping(target) {
    if (!/^(TEXTAREA|INPUT|SELECT)$/.test(target.tagName)) return false;
    return Boolean(target.value) || !target.closest("form.composer");
  }

  document.addEventListener("keydown", function (event) {
    var target = event.target, first;
    var box = target.closest && target.closest("[data-phrases]");
    if (box) inPhrases(event, box);
    if (event.altKey && /^[1-9]$/.test(event.key)) {
      first = document.querySelectorAll("#onglets .tabs a")[Number(event.key) - 1];
    } else if (event.key === "/" && !isTyping(target) && !event.ctrlKey && !event.metaKey) {
      box = (target.closest(".pane") || document).querySelector("[data-phrases]") || document.querySelector("[data-phrases]");
      if (box) event.preventDefault(), box.open = true, box.querySelector("[data-find]").focus();
      return;
    }
    if (first) event.preventDefault(), first.click();
  });

  /* --- What bell.js tells: who was not there before, how many lines are new, and how many notes of colleagues. */
  var bell = window.GuichetBell, known = waiting(), unread = bell.count("#onglets", "data-unread"), left = bell.count("#onglets", "data-notes");

  function waiting() {
    return Array.prototype.map.call(document.querySelectorAll("#file .queue a"), function (link) { return link.getAttribute("href"); });
  }

  function compare() {
    var before = known, lines = bell.count("#onglets", "data-unread"), notes = bell.count("#onglets", "data-notes"), came;
    known = waiting();
    came = known.filter(function (one) { return before.indexOf(one) < 0; }).length;
    if (notes > left) bell.tell("note", notes - left);
    else if (came) bell.tell("person", came);
    else if (lines > unread) bell.tell("message", lines - unread);
    unread = lines;
    left = notes;
  }

  /* The conversation on the page: its live region speaks when the other side does. What was said leaves it later, unheard. */
  var listener = new MutationObserver(function (changes) {
    if (changes.some(function (change) { return change.addedNodes.length; })) bell.tell("message", 1);
  });

  /* The parts that stand outside what a click changes. */
  function shape() {
    var chosen = document.getElementById("vu"), second = document.getElementById("avec");
    document.body.classList.toggle("desk--talk", !!(chosen && chosen.value));
    root.classList.toggle("console--two", !!(second && second.value));
    var tab = document.querySelector("#onglets .tabs [aria-current]");
    if (tab) tab.parentNode.scrollLeft = tab.offsetLeft - tab.parentNode.offsetLeft - 16;
  }

  function settle() {
    Array.prototype.forEach.call(document.querySelectorAll("[data-keys][hidden]"), function (hint) { hint.hidden = false; });
    Array.prototype.forEach.call(document.querySelectorAll("[data-sound][hidden]"), function (form) { form.hidden = !window.AudioContext; });
    shape();
    listener.disconnect();
    Array.prototype.forEach.call(document.querySelectorAll("[data-live]"), function (region) {
      listener.observe(region, { childList: true, characterData: true, subtree: true });
    });
    takeBack();
    compare();
  }

  document.addEventListener("htmx:afterSettle", settle);
  settle();
  setInterval(beat, 250);
  connect();
})();
