"""What we write down about a try, in the reader's language."""

from pathlib import Path

from notifications import our_words
from notifications.our_words import told
from notifications.shown import reason

SENT_BY = (
    "channels.py",
    "sending.py",
    "services/posting.py",
    "services/mail.py",
    "services/webhook.py",
    "targets.py",
    "departing.py",
)


def test_our_own_sentences_are_read_in_the_readers_language_and_the_providers_as_they_came() -> None:
    ours = "the other side refused the request"
    assert (told("429", ours, "zh"), told("429", ours, "en")) == ("对方拒绝了请求", ours)
    assert told("40001", "invalid webhook url", "zh") == "invalid webhook url"
    assert told("url", "the address cannot be used", "zh") == ""


def test_what_only_we_write_is_no_code_to_read() -> None:
    assert reason("under_way", "", "zh") == ("", "已开始发送，还没有结果")
    assert reason("under_way", "", "en") == ("", "begun, no answer yet")
    gone = "this address is no longer used for this person"
    assert (reason("over", gone, "zh"), reason("over", gone, "en")) == (
        ("", "此人不再使用这个地址"),
        ("", gone),
    )
    assert reason("310000", "签名错误", "en") == ("310000", "签名错误")


def test_where_no_remedy_stands_beside_it_the_reason_says_it_all() -> None:
    unread = "the channel's address cannot be read; mend it in the settings"
    assert reason("url", unread, "zh") == ("url", "地址读不懂；请重新添加渠道，或核对此人的邮箱")
    assert reason("url", unread, "en") == ("url", unread)


def test_every_sentence_in_chinese_is_one_that_is_written_down() -> None:
    home = Path(our_words.__file__).parent
    source = "".join((home / name).read_text(encoding="utf-8") for name in SENT_BY)
    written = our_words._CHINESE
    assert [sentence for sentence in written if f'"{sentence}"' not in source] == []
