"""In which language the command line speaks."""

import pytest

from cli.language import chosen_language


@pytest.mark.parametrize(
    ("words", "environment", "language"),
    [
        ([], {}, "zh"),
        (["list", "--lang", "en"], {"GUANKA_LANGUAGE": "zh"}, "en"),
        (["list", "--lang=zh"], {"GUANKA_LANGUAGE": "en"}, "zh"),
        (["list", "--lang"], {}, "zh"),
        (["list", "--lang", "fr"], {"LANG": "en_US.UTF-8"}, "en"),
        ([], {"GUANKA_LANGUAGE": "EN"}, "en"),
        ([], {"LANG": "en_US.UTF-8"}, "en"),
        ([], {"LC_ALL": "C", "LANG": "en_US.UTF-8"}, "zh"),
        (["comment", "c1", "x=en"], {}, "zh"),
    ],
)
def test_the_nearest_wish_counts(words: list[str], environment: dict[str, str], language: str):
    assert chosen_language(words, environment) == language
