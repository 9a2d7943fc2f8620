"""The live page: for who has the token, and nothing it answers changes the run."""

import http.client
import threading
from contextlib import contextmanager

import pytest

from bayesopt.report.server import LivePage, PageServer


@contextmanager
def served(live):
    with PageServer(live) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def ask(server, path, method="GET"):
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), dict(answer.getheaders())
    finally:
        connection.close()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "run.db"
    path.write_text("one")
    return path


def test_the_page_is_behind_its_token(file):
    with served(LivePage(file, lambda: "<p>hello</p>")) as server:
        assert server.server_address[0] == "127.0.0.1"
        assert server.url == f"http://127.0.0.1:{server.server_address[1]}/{server.token}/"
        status, body, headers = ask(server, f"/{server.token}/")
        assert (status, body) == (200, "<p>hello</p>")
        assert headers["Cache-Control"] == "no-store"
        for path in ("/", "/x/", "/version", f"/{server.token}", f"/{server.token}x/",
                     f"/{server.token}/../", f"/{server.token}/other", "/%00/"):  # fmt: skip
            assert ask(server, path)[0] == 404
        assert ask(server, f"/{server.token}/", "HEAD")[:2] == (200, "")


def test_only_get_and_head(file):
    with served(LivePage(file, lambda: "")) as server:
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert ask(server, f"/{server.token}/", method)[0] == 501


def test_it_is_made_again_only_when_the_file_changed(file):
    made = []
    live = LivePage(file, lambda: made.append(1) or f"page {len(made)}")
    with served(live) as server:
        first = ask(server, f"/{server.token}/version")[1]
        assert ask(server, f"/{server.token}/")[1] == "page 1"
        assert ask(server, f"/{server.token}/")[1] == "page 1"
        file.write_text("two and more")
        assert ask(server, f"/{server.token}/version")[1] != first
        assert ask(server, f"/{server.token}/")[1] == "page 2"


def test_what_cannot_be_made_is_said(file):
    def broken():
        raise ValueError("a damaged file")

    with served(LivePage(file, broken)) as server:
        status, body, headers = ask(server, f"/{server.token}/")
        assert status == 503
        assert "a damaged file" in body
        assert headers["Content-Type"].startswith("text/plain")


def test_two_servers_have_two_tokens(file):
    with PageServer(LivePage(file, str)) as one, PageServer(LivePage(file, str)) as other:
        assert one.token != other.token
        assert len(one.token) > 20
