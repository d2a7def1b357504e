/* Comfort only: every page works without this file. It keeps nothing and writes text, never markup. */
(function () {
  "use strict";
  var root = document.documentElement, TWICE = 1500;

  function each(selector, act, within) {
    Array.prototype.forEach.call((within || document).querySelectorAll(selector), act);
  }

  /* --- Quitter vite: blank first, then the server ends the access, then a page that takes this one's place. */
  var exit = document.querySelector("form[data-quit]");

  /* The other tabs of the guichet in this browser: each forgets by itself, and leaves when one leaves. */
  var tabs = window.BroadcastChannel ? new BroadcastChannel("adieu") : null;

  function tellTabs(word) {
    if (tabs) tabs.postMessage(word);
  }

  /* What the tchat keeps of a message until it is stored. The form that closes a dossier or signs out says it too. */
  function forget() {
    document.dispatchEvent(new CustomEvent("adieu"));
    try {
      sessionStorage.clear();
    } catch (error) { /* A browser that keeps nothing has nothing to forget. */ }
  }

  document.addEventListener("submit", function (event) {
    if (!event.target.hasAttribute("data-forget")) return;
    forget();
    tellTabs("oublier");
  });

  function vanish() {
    forget();
    root.className = "gone";
    document.title = "\u00a0";
    document.body.textContent = "";
    location.replace(exit.getAttribute("data-quit"));
  }

  function quit() {
    tellTabs("quitter");
    if (navigator.sendBeacon) navigator.sendBeacon(exit.action + "?dit");
    vanish();
  }

  if (tabs) {
    tabs.onmessage = function (event) {
      if (event.data === "quitter" && exit) vanish();
      else forget();
    };
  }

  if (exit) {
    var presses = 0, last = 0;
    exit.addEventListener("submit", function (event) {
      event.preventDefault();
      quit();
    });
    document.addEventListener("keydown", function (event) {
      if (event.key !== "Escape" && event.key !== "Esc") {
        presses = 0;
        return;
      }
      if (event.repeat) return;
      presses = event.timeStamp - last < 1500 ? presses + 1 : 1;
      last = event.timeStamp;
      if (presses === 3) quit();
    }, true);
  }

  /* A page that the browser kept in memory is asked for again: after « Quitter vite » it must not come back. */
  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) return;
    document.body.hidden = true;
    location.reload();
  });

  /* --- Small comforts */
  function minutes(total) {
    var hours = Math.floor(total / 60), rest = total % 60;
    if (!hours) return rest + "\u00a0min";
    return hours + "\u00a0h" + (rest ? "\u00a0" + (rest < 10 ? "0" : "") + rest : "");
  }

  /* A deadline is rendered by the server; this only keeps it true while the page stays open. */
  function countdown() {
    each("[data-until]", function (element) {
      var left = Math.ceil((Date.parse(element.getAttribute("data-until")) - Date.now()) / 60000);
      if (isNaN(left)) return;
      element.classList.toggle("deadline--late", left <= 0);
      element.textContent = left > 0 ? element.getAttribute("data-left") + " " + minutes(left) : element.getAttribute("data-over");
    });
  }

  function comfort(within) {
    each("[data-print]", function (button) {
      button.hidden = false;
      button.addEventListener("click", function () { window.print(); });
    }, within);
    countdown();
  }

  /* Twice under the same finger is once: two requests would raise two alerts, take two people. Heard last, so that what
     another script or htmx takes for itself is left to it. */
  window.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (event.timeStamp - form.sentAt < TWICE) return event.preventDefault();
    form.sentAt = event.timeStamp;
  });

  /* Where the eyes go next: the errors if there are some, else the new title. In the console's column, which has no
     list of them, the first field that is wrong. */
  function lead(within) {
    var wrong = within.querySelector("#dossier .error"), field = wrong && wrong.parentNode.querySelector("textarea, select, input:not([type=hidden])");
    if (field) {
      field.focus({ preventScroll: true });
      return wrong.scrollIntoView({ block: "center" });
    }
    var target = within.querySelector(".errors") || (within.matches && within.matches("[data-focus]") ? within : within.querySelector("[data-focus]"));
    if (!target) return;
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: target.classList.contains("errors") ? "center" : "nearest" });
  }

  /* Paper cannot be unfolded. */
  window.addEventListener("beforeprint", function () {
    each("details", function (fold) { fold.open = true; });
  });

  comfort(document);
  if (document.querySelector("[data-until]")) setInterval(countdown, 30000);
  if (document.querySelector(".errors, #dossier .error")) lead(document);

  /* --- htmx: a fragment is put in place whatever its status; a whole page never goes inside another. */
  var notice = document.getElementById("avis"), byHand = false;

  /* Did a person ask for this, or does the page ask by itself now and then? */
  function asked(detail) {
    var cause = detail.requestConfig && detail.requestConfig.triggeringEvent;
    return !!cause && /^(click|submit|change|input)$/.test(cause.type);
  }

  function say(kind, detail) {
    if (!notice) return;
    notice.textContent = notice.getAttribute("data-" + kind) || notice.getAttribute("data-panne");
    notice.hidden = false;
    byHand = asked(detail);
  }

  /* What was said of a person's own gesture stays until the next gesture: a refresh that succeeds says nothing of it. */
  document.addEventListener("htmx:beforeRequest", function (event) {
    if (notice && (!byHand || asked(event.detail))) notice.hidden = true;
  });
  document.addEventListener("htmx:beforeSwap", function (event) {
    var detail = event.detail, xhr = detail.xhr, whole = /^\s*<!doctype/i.test(detail.serverResponse || "");
    if (!whole && xhr.status >= 400) {
      detail.shouldSwap = !!detail.serverResponse;
      detail.isError = !detail.shouldSwap;
    } else if (whole && !detail.boosted && !(detail.requestConfig.elt.closest("[data-hx-select]"))) {
      detail.shouldSwap = false;
      if (xhr.status < 400) location.assign(xhr.responseURL || location.href);
    }
  });
  document.addEventListener("htmx:responseError", function (event) {
    say(event.detail.xhr.status, event.detail);
  });
  ["htmx:sendError", "htmx:timeout"].forEach(function (name) {
    document.addEventListener(name, function (event) { say("reseau", event.detail); });
  });
  document.addEventListener("htmx:afterSettle", function (event) {
    comfort(event.detail.elt);
    lead(event.detail.elt);
  });
})();
