/* Files part by part, going on after a cut. Without this file the form sends them whole; the words are in the page. */
(function () {
  "use strict";
  var form = document.querySelector("[data-upload]");
  if (!form || !window.fetch || !window.Promise || !Blob.prototype.slice) { return; }
  var input = form.querySelector("input[type=file]"), button = form.querySelector("button[type=submit]");
  var list = form.querySelector("[data-sending]"), said = form.querySelector("[data-said]");
  var token = form.closest("form").querySelector("[name=csrfmiddlewaretoken]").value, words = form.dataset, busy = false;
  var PATIENCE = [1000, 2000, 4000, 8000, 15000];

  function wait(time) {
    return new Promise(function (go) {
      var timer = setTimeout(done, time);
      function done() { clearTimeout(timer); window.removeEventListener("online", done); go(); }
      window.addEventListener("online", done);
    });
  }

  /* An answer, whatever the network does; « cut » is called at each failure. A refusal is thrown with its words. */
  function ask(method, url, body, headers, cut) {
    var tries = 0;
    function again(time) {
      cut();
      return wait(time || PATIENCE[Math.min(tries++, PATIENCE.length - 1)]).then(attempt);
    }
    function attempt() {
      var options = { method: method, body: body, headers: headers, credentials: "same-origin" };
      return fetch(url, options).then(function (answer) {
        if (answer.status === 429) { return again(1000 * (Number(answer.headers.get("Retry-After")) || 5)); }
        if (answer.status >= 500) { return again(); }
        return answer.json().catch(function () { return {}; }).then(function (data) {
          data.status = answer.status;
          if (answer.status >= 400 && answer.status !== 409) { throw new Refusal(data.error || words.broken); }
          return data;
        });
      }, function () { return again(); });
    }
    return attempt();
  }

  function Refusal(text) { this.text = text; }

  function fields(data) {
    var form = new URLSearchParams();
    Object.keys(data).forEach(function (key) { form.set(key, data[key]); });
    return form;
  }

  /* The hash of the whole file, or nothing where the browser has none to give. */
  function hashed(file) {
    if (!window.crypto || !crypto.subtle || !file.arrayBuffer) { return Promise.resolve(""); }
    return file.arrayBuffer().then(function (bytes) { return crypto.subtle.digest("SHA-256", bytes); }).then(function (sum) {
      return Array.prototype.map.call(new Uint8Array(sum), function (byte) { return ("0" + byte.toString(16)).slice(-2); }).join("");
    });
  }

  function row(file) {
    var item = document.createElement("li"), name = document.createElement("b"), text = document.createElement("span");
    var bar = document.createElement("progress");
    name.textContent = file.name;
    bar.max = Math.max(file.size, 1);
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    item.append(name, " ", text, bar);
    list.append(item);
    return {
      say: function (words) { text.textContent = words; },
      at: function (bytes) { bar.value = bytes; },
      end: function (words, wrong) {
        text.textContent = words;
        text.className = wrong ? "error" : "soft";
        bar.remove();
      }
    };
  }

  function send(file) {
    var shown = row(file), headers = { "X-CSRFToken": token }, sum = "";
    function cut() { shown.say(words.cut); }
    function parts(upload, at) {
      if (at >= file.size) { return ask("POST", upload.finish, fields({ sha256: sum }), headers, cut); }
      shown.at(at);
      shown.say(words.during);
      var place = { "X-CSRFToken": token, "Upload-Offset": String(at), "Content-Type": "application/octet-stream" };
      return ask("PUT", upload.url, file.slice(at, at + upload.part), place, cut).then(function (answer) {
        return parts(upload, answer.received);
      });
    }
    function finish(upload, at) {
      return parts(upload, at).then(function (answer) {
        return answer.status === 409 ? finish(upload, answer.received) : answer;
      });
    }
    if (file.size > Number(words.limit)) { shown.end(words.tooBig, true); return Promise.resolve(false); }
    shown.say(words.during);
    return hashed(file).then(function (found) {
      sum = found;
      return ask("POST", words.upload, fields({ name: file.name, size: file.size, sha256: sum }), headers, cut);
    }).then(function (upload) { return finish(upload, upload.received); }).then(function () {
      shown.end(words.kept);
      return true;
    }, function (refusal) {
      shown.end(refusal instanceof Refusal ? refusal.text : words.broken, true);
      return false;
    });
  }

  function renew() {
    var pieces = document.getElementById("pieces");
    if (pieces) { pieces.dispatchEvent(new CustomEvent("renew")); }
  }

  button.addEventListener("click", function (event) {
    var files = Array.prototype.slice.call(input.files);
    if (!files.length) { return; }
    event.preventDefault();
    if (busy) { return; }
    busy = button.disabled = input.disabled = true;
    list.hidden = false;
    list.textContent = "";
    said.textContent = words.during;
    files.reduce(function (before, file) {
      return before.then(function (kept) { return send(file).then(function (good) { return kept + (good ? 1 : 0); }); });
    }, Promise.resolve(0)).then(function (kept) {
      busy = button.disabled = input.disabled = false;
      input.value = "";
      said.textContent = words.done.replace("{n}", kept).replace("{all}", files.length);
      if (kept) { renew(); }
    });
  });

  /* « Envoyer » sends the words; a file chosen and not yet sent goes with them, never left behind in silence. */
  button.form.addEventListener("submit", function (event) {
    if (event.submitter !== button && input.files.length && !busy) { button.click(); }
  });
})();
