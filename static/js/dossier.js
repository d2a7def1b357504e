/* Comfort on the dossier pages: copy the keys, print. Without script these buttons are not shown. */
(function () {
  "use strict";
  function shown(button) { button.hidden = false; return button; }

  document.querySelectorAll("[data-copy]").forEach(function (button) {
    if (!navigator.clipboard) { return; }
    shown(button).addEventListener("click", function () {
      var said = document.getElementById(button.dataset.said);
      navigator.clipboard.writeText(button.dataset.copy).then(
        function () { said.textContent = "Copié. Collez-le dans un endroit que vous seul lisez."; },
        function () { said.textContent = "La copie n’a pas marché. Notez le code sur papier."; }
      );
    });
  });

  document.querySelectorAll("[data-print]").forEach(function (button) {
    shown(button).addEventListener("click", function () { window.print(); });
  });
})();
