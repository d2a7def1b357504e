"""What the proxy and the page server must agree on."""

import re

from guichet.stack import ROOT


def test_proxy_lets_an_idle_connection_go_before_the_page_server_closes_it():
    """Else a form sent at that very moment is lost: the proxy may not send it again, and shows an error page."""
    proxy = re.search(r"keepalive (\d+)s", (ROOT / "Caddyfile").read_text())
    pages = re.search(r"gunicorn .*--keep-alive (\d+)", (ROOT / "docker-compose.yml").read_text())

    assert int(proxy[1]) + 10 <= int(pages[1])
