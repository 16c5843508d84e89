"""The index of the pages to try: it shows what the runs reached, and no other figure."""

import re

from tests.golden import check_words
from tools.try_pages import LESSONS, Result, Score, index_of


def test_the_index_has_the_figures_of_the_runs_and_links_their_pages() -> None:
    rivals = {"lookup": {"seen": Score(50, 50), "unseen": Score(3, 20)}}
    result = Result("run", 1_432, 61.6, Score(49, 50), Score(7, 20), "", rivals, True)
    page = index_of([(LESSONS[0], result)])
    assert '<a href="capitals.html">Capitals</a>' in page
    (figures,) = [text for text in re.findall(">([^<]+)", page) if "1,432" in text]
    check_words("pages to try: figures", " ".join(figures.split()))
    assert "<script" not in page
