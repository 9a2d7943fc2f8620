"""The pages of five runs in a browser, without a network: nothing complains, nothing is cut."""

import base64
import hashlib
import re
import shutil
import subprocess

import pytest
from real_runs import RUNS
from strict_html import read

from bayesopt.report import page

BROWSER = shutil.which("chromium-headless-shell") or shutil.which("chromium")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--enable-logging=stderr", "--proxy-server=127.0.0.1:9",
)  # fmt: skip
SECTIONS = {"verdict", "convergence", "importance", "model", "trust", "health", "next", "trials"}

# Says in the title how wide the page is, which texts reach out of their picture, and which lie on
# one another; with all that is folded unfolded.
PROBE = """
var wrong=[];window.onerror=function(e){wrong.push("error "+e)};
window.onload=function(){
document.querySelectorAll("details").forEach(function(d){d.open=true});
var e=document.documentElement;
document.querySelectorAll("svg").forEach(function(s){
var all=s.getBoundingClientRect(),texts=Array.from(s.querySelectorAll("text"));
var r=texts.map(function(t){return t.getBoundingClientRect()});
r.forEach(function(a,i){
if(a.left<all.left-2||a.right>all.right+2||a.top<all.top-2||a.bottom>all.bottom+2){
wrong.push("cut "+texts[i].textContent)}
r.forEach(function(b,k){if(k>i&&Math.min(a.right,b.right)-Math.max(a.left,b.left)>2&&
Math.min(a.bottom,b.bottom)-Math.max(a.top,b.top)>4){
wrong.push("overlap "+texts[i].textContent+" and "+texts[k].textContent)}})})});
document.title="WIDTH "+e.scrollWidth+" OF "+e.clientWidth+" WRONG "+wrong.join("; ")}
"""


@pytest.fixture(scope="module")
def pages():
    """The page of each run, made once."""
    made = {}

    def of(run):
        if run not in made:
            made[run] = page(run(), title=run.__doc__)
        return made[run]

    return of


def allowed(written):
    """The page with the probe, which its policy is told to allow."""
    digest = base64.b64encode(hashlib.sha256(PROBE.encode()).digest()).decode()
    written = written.replace("script-src '", f"script-src 'sha256-{digest}' '", 1)
    return written.replace("</body>", f"<script>{PROBE}</script></body>")


@pytest.mark.slow
@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.__name__)
def test_the_page_has_all_sections(run, pages):
    more = {"timeline"} if run.__name__ != "two_objectives" else {"timeline", "front"}
    assert set(read(pages(run)).ids) >= SECTIONS | more


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="there is no Chromium")
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("run", RUNS, ids=lambda run: run.__name__)
def test_in_a_browser_nothing_complains_and_nothing_is_cut(run, width, pages, tmp_path):
    path = tmp_path / "page.html"
    path.write_text(allowed(pages(run)), "utf-8")
    place = f"--user-data-dir={tmp_path / 'profile'}"
    command = [BROWSER, *FLAGS, f"--window-size={width},900", place, "--dump-dom", path.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    title = re.search("<title>(.*?)</title>", done.stdout, re.S)
    assert title is not None
    assert title.group(1).strip() == f"WIDTH {width} OF {width} WRONG"
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
