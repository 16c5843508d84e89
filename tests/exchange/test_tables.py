"""Tables of any dialect are read as what they are, and the dialect is said."""

import pytest

from flashcards.base.files import Refused
from flashcards.exchange.deck_file import compose
from flashcards.exchange.notes import Options
from tests.exchange.sources import imported_text, lines_named, losses_of, source_of
from tests.golden import check_words, raises_words

DOG_AND_CAT = [("dog", "chien"), ("cat", "chat")]


def pairs(data: bytes | str, name: str = "x.txt", options: Options | None = None) -> list[object]:
    return [(n.prompt, n.answers[0]) for n in source_of(data, name, options).notes]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("dog\tchien\ncat\tchat\n", "TAB, no header row, columns 1 and 2"),
        ("dog,chien\r\ncat,chat\r\n", "comma, no header row, columns 1 and 2"),
        ("dog;chien\ncat;chat\n", "semicolon, no header row, columns 1 and 2"),
        ("dog|chien\ncat|chat\n", "bar, no header row, columns 1 and 2"),
        ("dog - chien\ncat - chat\n", "“ - ”, no header row, columns 1 and 2"),
        ("dog → chien\ncat → chat\n", "“ → ”, no header row, columns 1 and 2"),
        ('"dog","chien"\n"cat","chat"\n', "comma, quoted, no header row, columns 1 and 2"),
        ("Front,Back\ndog,chien\ncat,chat\n", "comma, header row, columns 1 and 2"),
        ("id;answer;question\n1;chien;dog\n2;chat;cat\n", "semicolon, header row, columns 3 and 2"),
        ("dog\tchien;cat\tchat", "TAB, rows parted by semicolon, no header row, columns 1 and 2"),
        (
            "dog\tchien;cat\tchat;\n",
            "TAB, rows parted by semicolon, no header row, columns 1 and 2",
        ),
        ("\ufeffdog\tchien\ncat\tchat\n", "TAB, no header row, columns 1 and 2"),
    ],
)
def test_the_dialect_is_found_and_shown(text: str, shown: str) -> None:
    source = source_of(text)
    assert source.form == f"a table: {shown}"
    assert [(note.prompt, note.answers[0]) for note in source.notes] == DOG_AND_CAT


@pytest.mark.parametrize(
    ("text", "name", "sign"),
    [
        ("a;x,b\nc;y,d\n", "x.txt", "semicolon"),  # the usual order where all else is equal
        ("a;x,b\nc;y,d\n", "x.csv", "comma"),
        ('"a;x","b"\n"c;y","d"\n', "x.txt", "comma, quoted"),
        ("a\tb,c\nd\te,f\n", "x.csv", "comma"),
        ("a\tb,c\nd\te,f\n", "x.tsv", "TAB"),
        ("dog\tchien\tanimal", "x.txt", "TAB"),  # no row ends with a semicolon
        ("dog\tchien\tanimal;", "x.txt", "TAB, rows parted by semicolon"),
    ],
)
def test_where_two_signs_fit_quotes_and_the_files_name_decide(
    text: str, name: str, sign: str
) -> None:
    assert source_of(text, name).form == f"a table: {sign}, no header row, columns 1 and 2"


def test_a_dash_parts_prompt_and_answer_once() -> None:
    assert pairs("dog - chien - a pet\ncat - chat\n")[0] == ("dog", "chien - a pet")


@pytest.mark.parametrize(
    ("text", "columns", "n_cards"),
    [
        ("Nr;Deutsch;Englisch\n1;Haus;house\n2;Hund;dog\n", (2, 3), 2),
        ("Lfd.;Vokabel;Übersetzung\n1;Haus;house\n2;Hund;dog\n", (2, 3), 2),
        ("Deutsch;Englisch\nHaus;house\nHund;dog\n", (1, 2), 2),
        ("Deutsch;German\nEnglisch;English\nLatein;Latin\n", (1, 2), 3),
        ("No.;Frage;Antwort\n1;Haus;house\n2;Hund;dog\n", (2, 3), 2),
        ("Latein;Deutsch\naqua;Wasser\nignis;Feuer\n", (1, 2), 2),
        ("Lateinisch;Bedeutung\naqua;Wasser\nignis;Feuer\n", (1, 2), 2),
        ("Übersetzung;Latein\nWasser;aqua\nFeuer;ignis\n", (2, 1), 2),
        ("German;A\nHaus;house\nHund;dog\n", (1, 2), 3),
        ("Haus;house\nHund;dog\n", (1, 2), 2),
        ("number,name\n1,one\n2,two\n", (1, 2), 3),
    ],
)
def test_a_foreign_header_is_no_card(text: str, columns: tuple[int, int], n_cards: int) -> None:
    source = source_of(text, "x.csv")
    assert source.form.endswith(f"columns {columns[0]} and {columns[1]}")
    assert len(source.notes) == n_cards


def test_the_header_row_is_no_card_where_a_list_comes_twice() -> None:
    source = source_of("Latein\tDeutsch\naqua\tWasser\n Latein\tDeutsch \nignis\tFeuer\n")
    assert [note.prompt for note in source.notes] == ["aqua", "ignis"]
    assert source.losses.counts() == {"header": 1}
    assert lines_named("\n".join(source.losses.lines())) == [[3]]


def test_an_import_teaches_every_card_and_names_the_option_that_keeps_some_back() -> None:
    deck = imported_text("".join(f"q{n}\ta{n}\n" for n in range(100)))
    assert "held_out" not in deck.text
    assert not any(card.is_never_seen for card in deck.cards)
    check_words("import: a hundred rows", deck.said)
    few = imported_text("".join(f"q{n}\ta{n}\n" for n in range(39)))
    assert "--keep-back" not in few.said


def test_an_import_keeps_the_share_back_that_was_asked_for_and_counts_it() -> None:
    rows = "".join(f"q{n}\ta{n}\n" for n in range(100))
    deck = imported_text(rows, keep_back=0.25)
    assert "held_out = 0.25\n" in deck.text
    n_never_seen = sum(card.is_never_seen for card in deck.cards)
    assert 10 < n_never_seen < 40
    check_words("import: some rows kept back", deck.said, n_kept_back=n_never_seen)


def test_cards_that_a_file_marks_stay_marked() -> None:
    rows = "".join(f"q{n},a{n},{n % 2}\n" for n in range(50))
    marked = imported_text("front,back,held_out\n" + rows)
    assert "held_out =" not in marked.text
    check_words("import: marked rows", marked.said)
    more = imported_text("front,back,held_out\n" + rows, keep_back=0.5)
    assert sum(card.is_never_seen for card in more.cards) > 25


def test_both_directions_of_a_note_are_kept_back_or_neither() -> None:
    notes = "".join(f"word{n}:::Wort{n}\n" for n in range(60))
    deck = imported_text("# Words\n\n" + notes, keep_back=0.5)
    n_never_seen = sum(card.is_never_seen for card in deck.cards)
    check_words("import: notes kept back", deck.said, n_kept_back=n_never_seen)
    assert n_never_seen % 2 == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_with_a_mark_are_read(encoding: str) -> None:
    assert pairs("été\tsummer\nhiver\twinter\n".encode(encoding))[0] == ("été", "summer")


def test_a_file_of_one_byte_a_letter_is_read_and_its_encoding_said() -> None:
    source = source_of("dog\tchien\nsummer\tété “x”\n".encode("cp1252"))
    assert source.notes[1].answers == ("été “x”",)
    check_words("import: read as windows-1252", source.form)
    russian = "dog\tсобака\ncat\tкот\n".encode("koi8-r")
    source = source_of(russian, options=Options(encoding="koi8-r"))
    assert source.notes[0].answers == ("собака",)
    assert "not UTF-8" not in source.form


def test_what_is_mostly_utf8_or_no_text_names_the_byte_and_its_line() -> None:
    with raises_words(Refused, "import: a byte of Latin-1", line=3):
        source_of("dog\tchien\nsummer\tété\n".encode() + b"winter\thiv\xe9r\n")
    for byte in (b"\xa0", b"\xad"):  # nothing to see in Latin-1
        with raises_words(Refused, "import: a byte of no text", byte=f"0x{byte[0]:X}"):
            source_of("été\t".encode() + b"hiv" + byte + b"r\n")
    with raises_words(Refused, "import: a byte of Latin-1", line=1):
        source_of(b"dog\t\xe9\x01\n")
    with raises_words(Refused, "import: no such encoding"):
        source_of("a\tb\n", options=Options(encoding="x"))
    with raises_words(Refused, "import: another encoding"):
        source_of("a\té\n", options=Options(encoding="ascii"))
    with raises_words(Refused, "import: UTF-32"):
        source_of("a\tb".encode("utf-32"))
    with raises_words(Refused, "import: UTF-16 cut short"):
        source_of(b"\xff\xfea\0b")


def test_commas_in_sentences_part_no_columns() -> None:
    text = "Hello, world\tBonjour\nYes\tOui, bien sûr\nOne, two, three\tun\nGood day\tSalut\n"
    assert pairs(text)[0] == ("Hello, world", "Bonjour")


def test_a_suffix_decides_where_two_delimiters_fit() -> None:
    text = "dog,le chien; la chienne\ncat,le chat; la chatte\n"
    assert pairs(text, "x.csv")[0] == ("dog", "le chien; la chienne")


def test_european_numbers_keep_their_commas() -> None:
    assert pairs("1,5;2,5\n3,5;4,5\n", "x.csv") == [("1,5", "2,5"), ("3,5", "4,5")]


def test_quoted_fields_hold_delimiters_quotes_and_lines() -> None:
    text = 'Front,Back\n"a, b","say ""hi"""\n"two\nlines",x\n'
    assert pairs(text) == [("a, b", 'say "hi"'), ("two\nlines", "x")]


def test_quotation_marks_in_prose_are_letters() -> None:
    text = '"Hi" he said\tBonjour\n6" nail\tclou\n"open\tx\n'
    assert pairs(text) == [('"Hi" he said', "Bonjour"), ('6" nail', "clou"), ('"open', "x")]


def test_a_quotation_mark_that_nothing_closes_names_its_line() -> None:
    text = '"a","b"\n"c,d\n' + "e,f\n" * 200
    with raises_words(Refused, "import: an open quotation mark"):
        source_of(text)
    assert len(pairs(text, options=Options(has_quotes=False, delimiter=","))) == 202


def test_options_are_taken() -> None:
    text = "1:dog:chien\n2:cat:chat\n"
    assert pairs(text, options=Options(delimiter=":", columns=(3, 2)))[0] == ("chien", "dog")
    assert pairs(text, options=Options(delimiter="colon", columns=(2, 3))) == DOG_AND_CAT
    text = "English;French\ndog;chien\n"
    assert pairs(text) == [("dog", "chien")]
    assert pairs(text, options=Options(has_header=False))[0] == ("English", "French")
    text = "Cue word;French\ndog;chien\n"
    assert pairs(text)[0] == ("Cue word", "French")
    assert pairs(text, options=Options(has_header=True)) == [("dog", "chien")]
    text = "English;French\ndog;chien\n"
    assert pairs(text, options=Options(front="French", back="English")) == [("chien", "dog")]
    with raises_words(Refused, "import: no header row"):
        source_of("dog;chien\n", options=Options(front="x", back="y"))


def test_text_without_columns_says_what_was_tried_and_what_to_do() -> None:
    prose = "Just some prose.\nAnother line of it.\nAnd more\n"
    for text in (prose, "chien - dog\nchat – cat\nvache : cow\nlapin rabbit\n"):
        with raises_words(Refused, "import: no columns"):
            source_of(text)


def test_every_row_that_is_no_card_is_counted_with_its_line() -> None:
    text = "dog\tchien\n\ncat\t\n\tchat\nalone\nbird\toiseau\textra\n" + f"long\t{'x' * 700}\n"
    text += "a\tb\nc\td\ne\tf\n"
    deck = imported_text(text)
    assert deck.pairs == [("dog", "chien"), ("bird", "oiseau"), ("a", "b"), ("c", "d"), ("e", "f")]
    assert "9 rows read" in deck.said
    assert losses_of(text) == {"empty": 2, "one-column": 1, "columns": 1, "too-long": 1}
    assert lines_named(deck.said) == [[3, 4], [5], [6], [7]]


def test_a_text_that_is_changed_is_counted() -> None:
    text = '"dog","chien"\n"a\tb","x"\n"cafe\u0301","coffee"\n"été","summer"\n"cat "," chat"\n'
    losses = source_of(text, "x.csv").losses
    assert losses.counts() == {"tab": 1, "composed": 1, "spaces": 1}
    assert lines_named("\n".join(losses.lines())) == [[2], [3], [5]]


def test_ankis_header_lines_are_obeyed() -> None:
    text = (
        "#separator:Semicolon\n#html:true\n#deck column:1\n#tags column:4\n"
        'French::A;"a &lt; b<br>c";d;held-out eu\nFrench;e;f;\n'
    )
    source = source_of(text)
    first, second = source.notes
    assert (first.prompt, first.answers, first.section) == ("a < b\nc", ("d",), "A")
    assert (first.is_never_seen, second.is_never_seen, second.section) == (True, False, "")
    assert source.name == "French"


def test_plain_text_keeps_its_angle_brackets() -> None:
    text = "#separator:tab\n#html:false\n<vector> &amp; <b>\tx\n"
    assert pairs(text) == [("<vector> &amp; <b>", "x")]


def test_html_is_guessed_by_its_tags_and_can_be_forbidden() -> None:
    text = "<b>dog</b>\tchien<br>m.\ncat\tchat\n"
    assert pairs(text)[0] == ("dog", "chien\nm.")
    assert source_of(text).losses.counts() == {"markup": 1}
    assert source_of(text, options=Options(is_html=True)).form.endswith("HTML as text")
    assert pairs(text, options=Options(is_html=False))[0] == ("<b>dog</b>", "chien<br>m.")


def test_whether_a_cell_is_html_is_seen_in_that_cell_alone() -> None:
    text = (
        '"what <b>bold</b>\nmeans","fett"\n"<b>","bold"\n"a < b","x > 1\n& more"\n'
        '"one\ntwo","<div>three</div>\n<div>four</div>"\n"<br>","a line"\n"R&amp;D","a  b"\n'
    )
    source = source_of(text, "cards.csv")
    assert [(note.prompt, note.answers[0]) for note in source.notes] == [
        ("what bold\nmeans", "fett"),
        ("<b>", "bold"),
        ("a < b", "x > 1\n& more"),
        ("one\ntwo", "three\nfour"),
        ("<br>", "a line"),
        ("R&D", "a  b"),
    ]
    assert source.losses.counts() == {"markup": 3}


@pytest.mark.monkey
@pytest.mark.slow
def test_a_million_rows_make_a_deck() -> None:
    source = source_of("".join(f"{index}\t{index * 7}\n" for index in range(1_000_000)))
    assert source.n_read == len(source.notes) == 1_000_000
    deck = compose(source.notes, {"name": "x"}, source.losses, "row")
    assert deck.n_cards == 1_000_000
    assert deck.text.endswith("\n999999 :: 6999993\n")


@pytest.mark.parametrize("line", ["sep=;", "SEP=;"])
def test_excels_line_says_what_parts_columns_and_is_no_row(line: str) -> None:
    source = source_of(f"{line}\r\nFrage;Antwort\r\na;b, c\r\n", "cards.csv")
    assert [(note.prompt, note.answers) for note in source.notes] == [("a", ("b, c",))]
    assert (source.n_read, source.losses.counts()) == (1, {})
    assert source_of("sep=\ta\nb\tc\n").n_read == 2
