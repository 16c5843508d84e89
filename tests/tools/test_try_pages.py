"""The index of the pages to try: it shows what the runs reached, and no other figure."""

from tools.try_pages import LESSONS, Result, Score, index_of


def test_the_index_has_the_figures_of_the_runs_and_links_their_pages() -> None:
    rivals = {"lookup": {"seen": Score(50, 50), "unseen": Score(3, 20)}}
    result = Result("run", 1_432, 61.6, Score(49, 50), Score(7, 20), "", rivals, True)
    page = index_of([(LESSONS[0], result)])
    assert '<a href="capitals.html">Capitals</a>' in page
    assert "Taught 1,432 cards in 62 s." in page
    assert "49 of 50 are right" in page
    assert "7 of 20 are right" in page
    assert "the best rival that does not learn has 3." in page
    assert "<script" not in page
