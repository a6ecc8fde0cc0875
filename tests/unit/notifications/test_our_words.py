"""What we write down about a try, in the reader's language."""

from pathlib import Path

from notifications import our_words
from notifications.our_words import told

SENT_BY = ("channels.py", "sending.py", "services/posting.py", "services/mail.py", "services/webhook.py")


def test_our_own_sentences_are_read_in_the_readers_language_and_the_providers_as_they_came() -> None:
    ours = "the other side refused the request"
    assert (told("429", ours, "zh"), told("429", ours, "en")) == ("对方拒绝了请求", ours)
    assert told("40001", "invalid webhook url", "zh") == "invalid webhook url"
    assert told("url", "the address cannot be used", "zh") == ""


def test_every_sentence_in_chinese_is_one_that_is_written_down() -> None:
    home = Path(our_words.__file__).parent
    source = "".join((home / name).read_text(encoding="utf-8") for name in SENT_BY)
    written = our_words._CHINESE
    assert [sentence for sentence in written if f'"{sentence}"' not in source] == []
