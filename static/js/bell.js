/* Heard and seen from another tab, on every page of the console: a short tone, the page's title, an emergency that calls
   again. No sound before somebody touched the console, and none once it is cut; the server remembers that (nothing is
   stored here). */
(function () {
  "use strict";
  var main = document.getElementById("contenu"), audio = null, title = document.title, news = 0, lastCall = 0, CALL_AGAIN = 10000;
  var TONES = { person: [523, 784], message: [659], note: [587, 587], alert: [880, 660, 880] };
  /* The other tabs of the console in this browser: one of them rings, not all at once. */
  var others = window.BroadcastChannel ? new BroadcastChannel("urgence") : null;

  function count(selector, name) {
    var node = document.querySelector(selector);
    return node ? Number(node.getAttribute(name)) || 0 : 0;
  }

  function isMuted() {
    var box = document.querySelector("[data-muted]");
    return !box || box.getAttribute("data-muted") === "oui";
  }

  function gesture() {
    if (!audio && window.AudioContext) audio = new AudioContext();
    if (audio && audio.state === "suspended") audio.resume();
  }

  /* Whether it could be heard. */
  function ring(kind) {
    if (main) main.setAttribute("data-rung", kind);
    if (!audio || audio.state !== "running" || isMuted()) return false;
    TONES[kind].forEach(function (pitch, place) {
      var from = audio.currentTime + place * 0.16, tone = audio.createOscillator(), loud = audio.createGain();
      tone.frequency.value = pitch;
      loud.gain.setValueAtTime(0.0001, from);
      loud.gain.exponentialRampToValueAtTime(0.15, from + 0.02);
      loud.gain.exponentialRampToValueAtTime(0.0001, from + 0.15);
      tone.connect(loud).connect(audio.destination);
      tone.start(from);
      tone.stop(from + 0.16);
    });
    return true;
  }

  function showTitle() {
    var calls = count("#urgences", "data-open");
    document.title = (calls ? "URGENCE · " : "") + (news ? "(" + news + ") " : "") + title;
  }

  function tell(kind, more) {
    if (document.visibilityState === "hidden" || !document.hasFocus()) news += more;
    ring(kind);
    showTitle();
  }

  /* An emergency that nobody took calls again. */
  function call() {
    var now = Date.now();
    if (!count("#urgences", "data-open") || now - lastCall < CALL_AGAIN) return;
    lastCall = now;
    if (ring("alert") && others) others.postMessage("sonne");
  }

  function seen() {
    if (document.visibilityState === "hidden") return;
    news = 0;
    showTitle();
  }

  function settle() {
    call();
    showTitle();
  }

  window.GuichetBell = { count: count, tell: tell };
  if (others) others.onmessage = function () { lastCall = Date.now(); };
  ["pointerdown", "keydown"].forEach(function (name) { document.addEventListener(name, gesture, true); });
  document.addEventListener("visibilitychange", seen);
  window.addEventListener("focus", seen);
  document.addEventListener("htmx:afterSettle", settle);
  settle();
  setInterval(call, 1000);
})();
