"""Which font prints Chinese here."""

from functools import cache
from typing import Final

from engine.errors import GuankaError
from engine.text import Text

PACKAGE: Final = "fonts-noto-cjk"
# In order of liking; each has all of GB 18030's common characters, and comes with a system or a package.
FAMILIES: Final = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "PingFang SC",
    "Microsoft YaHei",
    "Hiragino Sans GB",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Noto Serif CJK SC",
    "SimSun",
)
NO_FONT: Final = Text(
    f"这台机器没有中文字体，不能生成 PDF；请安装 Debian 软件包 {PACKAGE} 后重试（JSON 记录不受影响）",
    f"no Chinese font is installed here, so no PDF can be made; install the Debian package {PACKAGE} and try"
    " again (the JSON record needs none)",
)


class NoFont(GuankaError):
    def __init__(self) -> None:
        super().__init__(NO_FONT)


@cache
def _families() -> tuple[str, ...]:
    import typst

    return tuple(typst.Fonts(include_embedded_fonts=False).families())


def chinese_font() -> str | None:
    """The best family installed, or None. Looked for anew while there is none, so that installing one is
    enough.
    """
    found = next((name for name in FAMILIES if name in _families()), None)
    if found is None:
        _families.cache_clear()
    return found
