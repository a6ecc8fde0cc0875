"""Misuse of the command line is told in Chinese where Chinese is spoken."""

import pytest

from cli.misuse import in_chinese


@pytest.mark.parametrize(
    ("said", "chinese"),
    [
        ("Missing argument 'FILE...'.", "缺少参数 FILE..."),
        ("Missing option '--reason' / '-r'.", "缺少选项 '--reason' / '-r'"),
        ("No such option: --nosuch", "没有选项 --nosuch"),
        ("No such option: --reson (Possible options: --reason)", "没有选项 --reson（相近的：--reason）"),
        ("No such command 'nosuch'.", "没有命令 nosuch"),
        ("No such command 'shw'. Did you mean 'show'?", "没有命令 shw；是否要写 'show'？"),
        ("Got unexpected extra argument (x)", "多余的参数：x"),
        ("Got unexpected extra argument(s) (x y)", "多余的参数：x y"),
        ("Option '--lang' requires an argument.", "选项 --lang 后面要写值"),
        ("Invalid value for '--n': Input should be a valid integer, x", "'--n' 的值不对：要写整数"),
        ("Invalid value for '--n': Input should be greater than or equal to 1", "'--n' 的值不对：不能小于 1"),
        (
            "Invalid value for '--lang': Value error, 'fr' is not one of 'zh', 'en'.",
            "'--lang' 的值不对：“fr”不在可选值 'zh', 'en' 之中",
        ),
        ("Something else", "Something else"),
    ],
)  # fmt: skip
def test_common_misuse_is_told_in_chinese(said: str, chinese: str):
    assert in_chinese(said) == chinese
